"""What is stored about persons: the inventory, export, preferences and retention."""
