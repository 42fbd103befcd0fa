"""What there is to watch, and who may."""
