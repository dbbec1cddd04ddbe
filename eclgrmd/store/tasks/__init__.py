"""Tasks from their arrival to their end, and their products."""
