"""Live updates from other devices: states pushed over sockets, or polled with a cursor."""
