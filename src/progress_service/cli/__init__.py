"""The command line: `progress-service`."""
