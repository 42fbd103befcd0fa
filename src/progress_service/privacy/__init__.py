"""What students may demand of their data: to have it, and to have it erased."""
