"""Block autoplay, since most tests need an opened video to stay at its start position.

The browser rejects the first `play()` call, as some browsers do. The video has then played nothing,
which pausing it could not guarantee.
"""

# Rejects the next call of play() and then restores the original function.
BLOCK_AUTOPLAY = """
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
IS_AUTOPLAY_BLOCKED = "() => window.isHeld === true"
