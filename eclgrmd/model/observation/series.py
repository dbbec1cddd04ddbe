"""Counts of detectors in time: events, histories and light curves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import Flag
from eclgrmd.model.names import Instrument

from .channels import Channels, Floats

__all__ = ["EventList", "History", "LightCurve"]


@dataclass(frozen=True, slots=True, eq=False)
class EventList:
    """Events of one detector."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument: n3, b0, GRD01, ECL."""
    time_s: Floats
    """Arrival times, sorted, seconds after t0, shape (n,)."""
    channel: NDArray[np.int16]
    """Index into `channels` (not the channel number) of each event, shape (n,)."""
    channels: Channels | None
    """Energy channels; None: the file has no energies, so that only the full band exists."""
    gti_s: Floats
    """Times during which the detector recorded events, sorted and disjoint, shape (k, 2).

    Readers remove undeclared gaps from the declared good times. All live times come from here."""
    dead_time_s: float = 0.0
    """Dead time caused by each event, seconds."""
    overflow_dead_time_s: float = 0.0
    """Dead time of an event in the last channel, seconds (GBM: 10 us instead of 2.6 us; Meegan et
    al. 2009, ApJ 702, 791)."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    frame_s: float = 0.0
    """Width of the readout frames, seconds, if all events of a frame have one time stamp; `time_s`
    then has the middles of frames. 0: each event has its own time."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Counts of one detector per time bin and energy channel."""

    instrument: Instrument
    """Instrument of the detector."""
    detector: str
    """Name within its instrument."""
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n, channels)."""
    exposure_s: Floats
    """Live time of each bin, seconds, shape (n,)."""
    channels: Channels
    """Energy channels."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""


@dataclass(frozen=True, slots=True, eq=False)
class LightCurve:
    """Counts per time bin in one energy band, of one detector or the sum of several."""

    instrument: Instrument
    """Instrument of the detectors."""
    detectors: tuple[str, ...]
    """Names of the summed detectors."""
    band_kev: tuple[float, float] | None
    """Outer nominal edges of all channels that were counted, keV; None: unknown."""
    start_s: Floats
    """Bin starts, sorted, shape (n,)."""
    stop_s: Floats
    """Bin stops, shape (n,); gaps between bins are gaps in the data."""
    counts: Floats
    """Counts, shape (n,); with `error` set they may be negative or fractional."""
    exposure_s: Floats
    """Live time of each bin, seconds, shape (n,)."""
    error: Floats | None = None
    """1-sigma Gaussian error of the counts, shape (n,); None: the counts are Poisson."""
    background_subtracted: bool = False
    """True for mask-weighted and other net light curves."""
    flags: tuple[Flag, ...] = ()
    """What was mended, left out or doubtful while reading."""
    asked_kev: tuple[float, float] | None = None
    """Requested band, keV, for which the channels of each detector were chosen; None: all channels
    were counted, or the curve came as a file."""
    files: tuple[str, ...] = ()
    """Names of the files that the data came in."""
    maker: str = ""
    """TELESCOP/INSTRUME of an instrument that is not in `Instrument`; empty: known, or not
    named."""
    resolution_s: float | None = None
    """Resolution of the events that were binned, seconds; None: the data came binned."""
