"""Claims tasks, has them analysed in worker processes, and records the results."""
