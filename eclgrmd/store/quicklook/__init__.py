"""Tables of the quick look: packets, notices, updates and products."""
