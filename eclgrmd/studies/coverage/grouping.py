"""Wider channels for twins: most of the time of a twin goes into the background of each channel.

A scintillator resolves some 30 energies over its band. Groups of about that width lose nothing of
what the intervals depend on.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Channels, Floats, Response

__all__ = ["Starts", "group_channels", "group_counts", "group_response", "group_starts"]

Starts = NDArray[np.intp]
"""Index of the first channel of each group, increasing, shape (g,)."""
_GROUPS = 32
"""Groups of a detector, about."""


def group_starts(channels: Channels) -> Starts:
    """Return the first channel of each group, shape (g,); good and bad channels are not mixed."""
    usable = channels.usable
    index = np.arange(len(usable))
    step = -(-len(usable) // _GROUPS)
    changed = np.concatenate([[True], usable[1:] != usable[:-1]])
    return np.flatnonzero(changed | (index % step == 0))


def group_channels(channels: Channels, starts: Starts) -> Channels:
    """Return the groups as channels, numbered from 0."""
    return Channels(
        number=np.arange(len(starts)),
        e_min_kev=np.minimum.reduceat(channels.e_min_kev, starts),
        e_max_kev=np.maximum.reduceat(channels.e_max_kev, starts),
        good=channels.usable[starts],
    )


def group_counts(counts: Floats, starts: Starts) -> Floats:
    """Return the sum of each group, shape (g,)."""
    return np.asarray(np.add.reduceat(counts, starts))


def group_response(response: Response, channels: Channels, starts: Starts) -> Response:
    """Return the response of the groups, whose channels are `channels`."""
    return replace(
        response,
        matrix_cm2=np.add.reduceat(response.matrix_cm2, starts, axis=1),
        channels=channels,
    )
