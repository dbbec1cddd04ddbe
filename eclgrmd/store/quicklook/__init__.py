"""What the quick look knows: packets, notices, updates and products."""
