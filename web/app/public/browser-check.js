/*
 * Runs before the app, in JavaScript that every browser supports. An app that cannot start would leave
 * an empty page; this shows why.
 */
(() => {
  function show(id) {
    document.getElementById(id).hidden = false;
  }

  /* Missing in browsers older than the supported ones. The app does not use the first; it needs the rest. */
  function isOutdated() {
    return !(
      window.AbortSignal &&
      AbortSignal.timeout &&
      Array.prototype.findLast &&
      Object.hasOwn &&
      window.structuredClone &&
      window.ResizeObserver &&
      window.CSS &&
      CSS.supports("color", "color-mix(in srgb, red, red)")
    );
  }

  function onError() {
    if (!document.getElementById("root").firstChild) show("not-started");
  }

  if (isOutdated()) show("outdated-browser");
  if (!("noModule" in document.createElement("script"))) onError();
  /* Capturing: a file that fails to load is an event of its own element. */
  window.addEventListener("error", onError, true);
  window.addEventListener("unhandledrejection", onError);
})();
