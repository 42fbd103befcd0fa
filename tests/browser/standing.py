"""A video that was asked for plays; most tests want it to stand where it starts.

They open it in a browser that refuses, once, to let it play by itself, as some browsers do. It has
then played nothing at all, which pausing it could not promise.
"""

# The next call of play() is refused; then the browser is itself again.
HOLD = """
() => {
  const media = HTMLMediaElement.prototype;
  const { play } = media;
  window.isHeld = false;
  media.play = function () {
    media.play = play;
    window.isHeld = true;
    return Promise.reject(new DOMException("held by the test", "NotAllowedError"));
  };
}
"""
IS_HELD = "() => window.isHeld === true"
