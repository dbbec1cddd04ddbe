"""Limits on the waits of tests, generous enough for a busy machine.

A wait ends when what it waits for has come, so that a long limit costs nothing.
"""

__all__ = ["LIMIT_S", "RUN_LIMIT_S"]

LIMIT_S = 600.0
"""For one answer, one state or one command."""
RUN_LIMIT_S = 1800.0
"""For a whole run of the testbench."""
