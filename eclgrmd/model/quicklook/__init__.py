"""The quick look as values: packets, notices, updates, and when one is announced."""
