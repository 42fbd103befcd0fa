"""The hostile-client table: what 64 polite students notice of one client that means harm."""
