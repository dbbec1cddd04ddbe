"""Updates of the quick look, messages to and from its workers, and the comparison with X-band."""

from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.flags import FlagText
from eclgrmd.model.measurement import NOT_MEASURED, Measurement, difference
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.result import (
    Classification,
    Duration,
    HardnessRatio,
    PeakRate,
    SpectrumFits,
)

from .aside import PacketAside
from .notice import BurstNotices

__all__ = [
    "InstrumentUpdate",
    "QuickLookAnswer",
    "QuickLookComparison",
    "QuickLookProductsRequest",
    "QuickLookRequest",
    "QuickLookState",
    "QuickLookUpdate",
    "compare_with_quick_look",
]


class QuickLookState(StrEnum):
    """State of the quick look at a burst."""

    RECEIVING = "receiving"
    """More packets are expected."""
    FINAL = "final"
    """No packet came for so long that none is expected."""
    WITHDRAWN = "withdrawn"
    """A notice retracted the burst; a later notice can revive it."""
    SUPERSEDED = "superseded"
    """The full data have been analysed."""


class InstrumentUpdate(Struct, frozen=True, kw_only=True):
    """Results of one instrument so far."""

    instrument: str
    """The instrument."""
    progress: str
    """nothing, rising, quiet or ended."""
    until_s: float
    """End of its newest data, seconds after t0."""
    bins: int
    """Number of bins of its light curve."""
    duration: Duration
    """Durations, significance and background so far."""
    hardness: HardnessRatio | None
    """Hardness ratio over T100 (for the GRM this is QHR_GRM); null: none."""
    peak_rates: tuple[PeakRate, ...]
    """Highest rates in windows of 64 ms and 1 s; empty: no excess."""
    restarts: int
    """How often its segmentation started over."""
    flags: tuple[FlagText, ...] = ()
    """Doubts about this instrument."""


class QuickLookUpdate(Struct, frozen=True, kw_only=True):
    """Results of a burst so far."""

    burst_id: str
    """The burst."""
    obs_id: str = ""
    """Observation that most packets name; empty: none."""
    t0_utc: str
    """Reference time, ISO-8601 UTC."""
    t0_met_s: float
    """Reference time, seconds of the mission."""
    packets: int
    """Number of packets received, without repeated ones."""
    missing: int
    """Number of packets that are missing among the numbers received."""
    newest_met_s: float
    """When the newest packet was made on board, seconds of the mission."""
    instruments: tuple[InstrumentUpdate, ...] = ()
    """Instruments with data, in the order in which these came."""
    reference: str | None = None
    """Instrument whose durations stand for the burst, the most significant one's; null: no
    excess."""
    classification: Classification | None = None
    """CRCLASS: class of the burst; null: no excess."""
    spectrum: SpectrumFits | None = None
    """Coarse spectrum over T100; null: none, and a flag says why."""
    set_aside: dict[str, int] = {}
    """Number of packets that were left out, by cause."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful or missing."""
    final: bool = False
    """Whether no more packets are expected."""

    def of(self, instrument: str | None) -> InstrumentUpdate | None:
        """Return the results of an instrument; None: it has none."""
        return next((each for each in self.instruments if each.instrument == instrument), None)


class QuickLookRequest(Struct, frozen=True, kw_only=True):
    """Message to a worker with new packets of a burst."""

    burst_id: str
    """The burst."""
    after: int
    """Number of the last packet (in the store) that the worker must know already; 0: it starts
    over."""
    packets: tuple[tuple[int, bytes], ...]
    """Number in the store and binary form of each new packet."""
    t0_met_s: float | None
    """Reference time of the notices, seconds of the mission; None: they have none."""
    final: bool
    """Whether no more packets are expected."""
    calibration_dir: str
    """Folder with responses; empty: none."""
    set_aside: tuple[PacketAside, ...] = ()
    """Packets of the burst that the daemon leaves out."""


class QuickLookAnswer(Struct, frozen=True, kw_only=True):
    """Answer of a worker."""

    known: bool
    """False: the worker does not know the burst up to `after`, and needs all packets."""
    update: QuickLookUpdate | None = None
    """The new update; None: no light curve has come."""


class QuickLookProductsRequest(Struct, frozen=True, kw_only=True):
    """Message to a worker that asks for the products of an update."""

    update: QuickLookUpdate
    """The update that the products show."""
    notices: BurstNotices | None
    """Summary of the notices; None: there were none."""
    packets: tuple[bytes, ...]
    """All packets that the update rests on, binary, in the order in which they came."""
    folder: str
    """Folder for the products, which is made if it does not exist."""
    proc_ver: int
    """Number of this set of products of the burst, from 1."""
    date_utc: str
    """When they are made, ISO-8601 UTC."""
    program: str
    """PROGRAM of the primary keywords."""


class QuickLookComparison(Struct, frozen=True, kw_only=True):
    """T90 of the quick look compared with that of the full data."""

    task_id: str
    """The task with the full data."""
    instrument: str
    """Instrument whose T90 of the quick look is compared."""
    vhf_t90_s: float | None
    """T90 of the quick look, seconds; null: none."""
    vhf_err_minus_s: float | None
    """Its lower 1-sigma error, seconds; null: none."""
    vhf_err_plus_s: float | None
    """Its upper 1-sigma error, seconds; null: none."""
    xband_t90_s: float
    """T90 of the full data, seconds."""
    xband_err_minus_s: float | None
    """Its lower 1-sigma error, seconds; null: none."""
    xband_err_plus_s: float | None
    """Its upper 1-sigma error, seconds; null: none."""
    difference_s: float | None
    """T90 of the quick look minus that of the full data, seconds; null: one has none."""
    sigma: float | None
    """The difference in units of the errors that face each other, added in quadrature; null: not
    known."""
    vhf_class: str | None
    """Class of the quick look; null: none."""
    same_instrument: bool
    """Whether both T90 are of the same instrument."""


def compare_with_quick_look(
    update: QuickLookUpdate | None, task_id: str, summary: Summary
) -> QuickLookComparison | None:
    """Compare the quick look with an X-band result; None: that has no T90."""
    if summary.t90_s is None or summary.instrument is None:
        return None
    seen = None if update is None else update.of(summary.instrument) or update.of(update.reference)
    early = NOT_MEASURED if seen is None else seen.duration.t90.measurement
    late = Measurement(summary.t90_s, summary.t90_err_minus_s, summary.t90_err_plus_s)
    moved, sigma = difference(late, early)
    named = None if update is None else update.classification
    return QuickLookComparison(
        task_id=task_id,
        instrument=summary.instrument if seen is None else seen.instrument,
        vhf_t90_s=early.value,
        vhf_err_minus_s=early.err_minus,
        vhf_err_plus_s=early.err_plus,
        xband_t90_s=summary.t90_s,
        xband_err_minus_s=summary.t90_err_minus_s,
        xband_err_plus_s=summary.t90_err_plus_s,
        difference_s=moved,
        sigma=sigma,
        vhf_class=None if named is None else named.name,
        same_instrument=seen is not None and seen.instrument == summary.instrument,
    )
