"""What the quick look computes in worker processes: updates and products of a burst."""
