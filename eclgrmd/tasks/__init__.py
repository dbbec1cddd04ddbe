"""Tasks that can run are claimed, computed in worker processes, and recorded."""
