"""Where to resume: the position in a video, and which video to continue with."""
