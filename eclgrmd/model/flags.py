"""Flags: what a reader has to know of a value, in plain words.

A phrase in lower case, with the detector it speaks of before a colon, and a cause or a file behind
one; detectors, files and parameters are called what they are called elsewhere. Here stand those
that are looked for, or told in more than one place.
"""

__all__ = [
    "BAD_BINS",
    "CLASS_OF_OTHER_BAND",
    "GAP",
    "NOT_CONVERGED",
    "NO_EXCESS",
    "TRUNCATED",
    "no_interval",
]

BAD_BINS = "bad bins dropped"
CLASS_OF_OTHER_BAND = "class from a T90 outside 50-300 keV"
GAP = "gap in the burst"
NOT_CONVERGED = "not converged"
NO_EXCESS = "no significant excess"
TRUNCATED = "truncated"
"""Where these flags begin; they go on with where, or by what."""


def no_interval(name: str) -> str:
    """Tell that light curves do not give an interval of this name, e.g. `t90`."""
    return f"no {name} interval"
