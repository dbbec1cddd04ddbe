"""Attitude and orbit of a satellite from one or several files."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Attitude, Floats, Orbit

__all__ = ["joined_attitude", "joined_orbit"]


def joined_attitude(parts: Sequence[Attitude]) -> Attitude | None:
    """Return the attitude of all files, ordered by time; None: there is none."""
    if not parts:
        return None
    time_s, order = _in_order([part.time_s for part in parts])
    pointings = [part.pointing for part in parts if part.pointing is not None]
    return Attitude(
        time_s,
        np.concatenate([part.quaternion for part in parts])[order],
        np.concatenate(pointings)[order] if len(pointings) == len(parts) else None,
    )


def joined_orbit(parts: Sequence[Orbit]) -> Orbit | None:
    """Return the orbit of all files, ordered by time; None: there is none."""
    if not parts:
        return None
    time_s, order = _in_order([part.time_s for part in parts])
    return Orbit(time_s, np.concatenate([part.position_km for part in parts])[order])


def _in_order(parts: Sequence[Floats]) -> tuple[Floats, NDArray[np.intp]]:
    """Return the times in order, one of each, and their indices."""
    return np.unique(np.concatenate(parts), return_index=True)
