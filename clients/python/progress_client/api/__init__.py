"""One module for each call, with its synchronous and asynchronous forms."""
