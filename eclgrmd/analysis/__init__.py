"""Numerical analysis of bursts: pure functions from arrays to frozen results, without I/O."""
