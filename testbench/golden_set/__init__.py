"""The golden set: all that the program says in one run, kept in `tests/golden` and compared."""
