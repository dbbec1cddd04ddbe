"""Matching of the channels of two files by number, where one file has fewer than the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.observation import Channels

__all__ = ["Numbering", "match_channels"]

Ints = NDArray[np.int64]
SAME_EDGE = 0.3
"""Distance of upper edges within which channels are the same, as a fraction of their width."""
FIRST = (0, 1)
"""Possible numbers of the first channel of a detector."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbering:
    """The channels of one file."""

    what: str
    """Name of the file, for messages."""
    number: Ints
    """Channel numbers, rising, shape (n,)."""
    declared: int | None = None
    """DETCHANS: number of channels of the detector; None: not in the file."""
    channels: Channels | None = None
    """Energies of the same channels; None: unknown."""


def match_channels(one: Numbering, other: Numbering) -> tuple[Ints, Ints]:
    """Return the indices of the channels that two files have in common.

    Files with equally many channels are matched by position: one may count from 0 and the other
    from 1. Otherwise the numbers decide, if energies or DETCHANS do not contradict them.

    Returns
    -------
    tuple
        Indices into `one` and `other` of the common channels, shape (k,) each.

    Raises
    ------
    InputError
        If the common channels cannot be determined.
    """
    if len(one.number) == len(other.number) and not _is_cut(one, other):
        everything = np.arange(len(one.number))
        return everything, everything
    for shift in (0, 1, -1):
        _, left, right = np.intersect1d(
            one.number + shift, other.number, assume_unique=True, return_indices=True
        )
        if len(left) and _credible(one, other, left, right, shift):
            return left, right
    raise InputError(
        f"{one.what} has {len(one.number)} channels ({_range(one)}) and {other.what} "
        f"{len(other.number)} ({_range(other)}): channel numbers must tell which are the same"
    )


def _is_cut(one: Numbering, other: Numbering) -> bool:
    """Return whether equally many channels are different parts of one detector."""
    shift = abs(int(one.number[0]) - int(other.number[0]))
    n = len(one.number)
    return shift > 1 and any(x.declared is not None and x.declared > n for x in (one, other))


def _credible(one: Numbering, other: Numbering, left: Ints, right: Ints, shift: int) -> bool:
    if one.channels is not None and other.channels is not None:
        return _same_energies(one.channels, other.channels, left, right)
    if shift:
        return False
    fewer, more = (one, other) if len(one.number) < len(other.number) else (other, one)
    whole = fewer.declared == len(fewer.number) and int(fewer.number[0]) in FIRST
    return not whole or fewer.declared == len(more.number)


def _same_energies(one: Channels, other: Channels, left: Ints, right: Ints) -> bool:
    width = np.abs(other.e_max_kev[right] - other.e_min_kev[right])
    off = np.abs(one.e_max_kev[left] - other.e_max_kev[right])
    return bool(np.median(off - SAME_EDGE * width) <= 0.0)


def _range(numbering: Numbering) -> str:
    return f"{numbering.number[0]} to {numbering.number[-1]}"
