/*
 * Runs before the app, in any browser, in the JavaScript that all of them know. An app that cannot
 * start would leave an empty page, so this says why.
 */
(() => {
  function show(id) {
    document.getElementById(id).hidden = false;
  }

  /* What browsers older than the supported ones lack. The app avoids the first; it needs the rest. */
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
  /* Capturing: a file that does not arrive is an event of its own element. */
  window.addEventListener("error", onError, true);
  window.addEventListener("unhandledrejection", onError);
})();
