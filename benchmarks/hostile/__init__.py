"""The hostile-client table: how one hostile client affects 64 polite students."""
