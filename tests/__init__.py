"""What shows that the service does what it promises."""
