"""Other devices, now: states pushed over sockets, or asked for with a cursor."""
