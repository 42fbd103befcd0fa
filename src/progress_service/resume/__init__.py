"""Where to go on: in a video, and with which one."""
