"""One thread for the libraries of linear algebra.

The matrices here are small: a second thread gains nothing, but it spins while it waits, on a core
that another worker could use. Two threads took 1.4 to 1.7 times the CPU of one for the durations of
a burst in `testbench/bench/temporal`.
"""

import os

__all__ = ["ONE_THREAD", "use_one_thread"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of a process that computes on one core."""


def use_one_thread() -> None:
    """Limit the libraries to one thread each. Call this before numpy is imported.

    Variables that are set already are kept.
    """
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
