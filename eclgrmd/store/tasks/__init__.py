"""Tasks from submission to their end, and their products."""
