"""The golden set: all output of the program in one run, kept in `tests/golden`."""
