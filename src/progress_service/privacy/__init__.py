"""What is stored about persons: the inventory, export, erasure, preferences and retention."""
