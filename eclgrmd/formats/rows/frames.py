"""Detection of events whose times are those of readout frames."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_number
from eclgrmd.formats.fits.times import header_duration_s
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats

__all__ = ["Frames", "find_frames", "spread_evenly"]

LEAST_FRAME_S = 1e-3
"""Shortest frame that is detected; a finer clock does not affect any analysis."""
LEAST_STEPS = 20
"""Different steps in time that are needed to infer frames from them."""
CROWDED = 20
"""Events per time that prove frames even with few steps: whole seconds, or times in float32."""
ON_GRID = 0.02
"""Largest deviation of a time from the grid, as a fraction of the frame."""
CLOCK_S = 2e-6
"""Rounding of times of 1e9 s, seconds."""
MOST_OFF = 0.01
"""Fraction of steps that may miss the grid, since parts of the data may have other grids."""
DIVISORS = (1, 2, 3)
"""The frame may be the shortest step divided by these numbers."""
START, MIDDLE = 0.0, 0.5
"""Positions in a frame, as fractions of its width."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A regular grid of readout frames."""

    width_s: float
    """Width of a frame, seconds."""
    phase_s: float
    """Any time on the grid, seconds after t0."""
    position: float
    """Position of the time in its frame: 0 at the start, 1 at the end (TIMEPIXR)."""

    @property
    def flag(self) -> Flag:
        """Flag with the width of the frames, which is the resolution of the data."""
        return Flag(FlagCode.FRAMES, detail=f"{self.width_s:g}")

    def middles(self, time_s: Floats) -> Floats:
        """Return the middle of the frame of each time, seconds after t0, shape (n,)."""
        whole = np.rint((time_s - self.phase_s) / self.width_s)
        return np.asarray(self.phase_s + (whole + MIDDLE - self.position) * self.width_s)


def find_frames(file: FitsFile, table: Table, time_s: Floats, gti_s: Floats) -> Frames | None:
    """Find the readout frames of the events of a table; None: each event has its own time.

    TIMEDEL is the width, if the times lie on such a grid. Otherwise the width is inferred from the
    steps in time. TIMEPIXR is the position of the time in its frame. Without it, the time is the
    start of the frame if good times start on the grid, else the middle.

    Parameters
    ----------
    file, table
        The file and the table.
    time_s
        Times of the events, sorted, seconds after t0, shape (n,).
    gti_s
        Good times, seconds after t0, shape (k, 2).
    """
    steps = np.diff(time_s)
    shortest = float(np.min(steps, initial=np.inf, where=steps > CLOCK_S))
    if not LEAST_FRAME_S * (1.0 - ON_GRID) <= shortest < np.inf:
        return None
    steps = steps[steps > CLOCK_S]
    declared = header_duration_s(file, table.header, "TIMEDEL")
    enough = len(steps) >= LEAST_STEPS or len(time_s) >= CROWDED * (len(steps) + 1)
    candidates = [shortest / divisor for divisor in DIVISORS] if enough else []
    if declared is not None:
        candidates.insert(0, declared)
    for width in candidates:
        if width >= LEAST_FRAME_S * (1.0 - ON_GRID) and _on_grid(steps, width):
            return _frames(table, time_s, gti_s, _refined(steps, width))
    return None


def _on_grid(steps: Floats, width_s: float) -> bool:
    missed = np.abs(steps - np.rint(steps / width_s) * width_s) > ON_GRID * width_s + CLOCK_S
    return float(missed.mean()) <= MOST_OFF and bool((steps > 0.5 * width_s).all())


def _refined(steps: Floats, width_s: float) -> float:
    """Return the width as the sum of all steps per frame, so that rounding does not add up."""
    frames = np.rint(steps / width_s)
    on_grid = np.abs(steps - frames * width_s) <= ON_GRID * width_s + CLOCK_S
    return float(steps[on_grid].sum() / frames[on_grid].sum())


def _frames(table: Table, time_s: Floats, gti_s: Floats, width_s: float) -> Frames:
    phase_s = float(time_s[0])
    position = strict_number(table.header, "TIMEPIXR")
    if position is None or not 0.0 <= position <= 1.0:
        off = np.abs((gti_s[:, 0] - phase_s) / width_s - np.rint((gti_s[:, 0] - phase_s) / width_s))
        position = START if (off < ON_GRID).any() else MIDDLE
    return Frames(width_s, phase_s, position)


def spread_evenly(time_s: Floats, width_s: float) -> Floats:
    """Distribute the events of each frame evenly over it, so that waits between frames are no gaps.

    Parameters
    ----------
    time_s
        Middle of the frame of each event, sorted, shape (n,).
    width_s
        Width of the frames, seconds.
    """
    if not len(time_s):
        return time_s
    first = np.flatnonzero(np.concatenate([[True], np.diff(time_s) > 0.5 * width_s]))
    count = np.diff(np.append(first, len(time_s)))
    rank = np.arange(len(time_s)) - np.repeat(first, count)
    return np.asarray(time_s + ((rank + 0.5) / np.repeat(count, count) - 0.5) * width_s)
