"""Other devices, later: reports that were kept while there was no network."""
