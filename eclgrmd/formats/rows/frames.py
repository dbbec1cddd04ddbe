"""Recognise events that are stamped per frame of a detector or of its telemetry."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.formats.fits.fits_file import FitsFile
from eclgrmd.formats.fits.fits_table import Table
from eclgrmd.formats.fits.headers import strict_number
from eclgrmd.formats.fits.times import header_duration_s
from eclgrmd.model.observation import Floats

__all__ = ["Frames", "find_frames", "spread_evenly"]

LEAST_FRAME_S = 1e-3
"""Steps of a clock finer than this matter to no analysis."""
LEAST_STEPS = 20
CROWDED = 20
"""Events per stamp that tell frames even of few steps: whole seconds, or times in float32."""
ON_GRID = 0.02
"""Part of a frame by which a stamp may miss its grid."""
CLOCK_S = 2e-6
"""Rounding of times of 1e9 s."""
MOST_OFF = 0.01
"""Share of steps that may miss the grid: parts of the data have grids of their own."""
DIVISORS = (1, 2, 3)
START, MIDDLE = 0.0, 0.5


@dataclass(frozen=True, slots=True)
class Frames:
    """A grid of frames."""

    width_s: float
    phase_s: float
    """A stamp, modulo the width."""
    place: float
    """Where in its frame a stamp lies: 0 at the start, 1 at the end (TIMEPIXR)."""

    @property
    def flag(self) -> str:
        """Name the frame as the resolution of the data."""
        return f"times in frames of {self.width_s:g} s"

    def middles(self, time_s: Floats) -> Floats:
        """Return the middle of the frame of each stamp."""
        whole = np.rint((time_s - self.phase_s) / self.width_s)
        return np.asarray(self.phase_s + (whole + MIDDLE - self.place) * self.width_s)


def find_frames(file: FitsFile, table: Table, time_s: Floats, gti_s: Floats) -> Frames | None:
    """Find the frames in which the events of a table are stamped; None where each has its time.

    TIMEDEL names the width, if the stamps lie on such a grid; else their steps tell it. TIMEPIXR
    names the place of a stamp in its frame. Without it a stamp is the start where good times begin
    on the grid of stamps, else the middle.

    Parameters
    ----------
    file, table
        The table, and its file.
    time_s
        Stamps of the events, sorted, shape (n,).
    gti_s
        Good times, shape (k, 2).
    """
    steps = np.diff(time_s)
    shortest = float(np.min(steps, initial=np.inf, where=steps > CLOCK_S))
    if not LEAST_FRAME_S * (1.0 - ON_GRID) <= shortest < np.inf:
        return None
    steps = steps[steps > CLOCK_S]
    told = header_duration_s(file, table.header, "TIMEDEL")
    enough = len(steps) >= LEAST_STEPS or len(time_s) >= CROWDED * (len(steps) + 1)
    candidates = [shortest / divisor for divisor in DIVISORS] if enough else []
    if told is not None:
        candidates.insert(0, told)
    for width in candidates:
        if width >= LEAST_FRAME_S * (1.0 - ON_GRID) and _on_grid(steps, width):
            return _frames(table, time_s, gti_s, _refined(steps, width))
    return None


def _on_grid(steps: Floats, width_s: float) -> bool:
    missed = np.abs(steps - np.rint(steps / width_s) * width_s) > ON_GRID * width_s + CLOCK_S
    return float(missed.mean()) <= MOST_OFF and bool((steps > 0.5 * width_s).all())


def _refined(steps: Floats, width_s: float) -> float:
    """Let the frames divide the sum of all steps, so that no rounding adds up."""
    frames = np.rint(steps / width_s)
    on_grid = np.abs(steps - frames * width_s) <= ON_GRID * width_s + CLOCK_S
    return float(steps[on_grid].sum() / frames[on_grid].sum())


def _frames(table: Table, time_s: Floats, gti_s: Floats, width_s: float) -> Frames:
    phase_s = float(time_s[0])
    place = strict_number(table.header, "TIMEPIXR")
    if place is None or not 0.0 <= place <= 1.0:
        off = np.abs((gti_s[:, 0] - phase_s) / width_s - np.rint((gti_s[:, 0] - phase_s) / width_s))
        place = START if (off < ON_GRID).any() else MIDDLE
    return Frames(width_s, phase_s, place)


def spread_evenly(time_s: Floats, width_s: float) -> Floats:
    """Spread the events of each frame evenly over it: waits between frames are no gaps.

    Parameters
    ----------
    time_s
        Middle of the frame of each event, sorted, shape (n,).
    width_s
        Of the frames.
    """
    if not len(time_s):
        return time_s
    first = np.flatnonzero(np.concatenate([[True], np.diff(time_s) > 0.5 * width_s]))
    count = np.diff(np.append(first, len(time_s)))
    place = np.arange(len(time_s)) - np.repeat(first, count)
    return np.asarray(time_s + ((place + 0.5) / np.repeat(count, count) - 0.5) * width_s)
