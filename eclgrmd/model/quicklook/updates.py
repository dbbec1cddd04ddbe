"""The VHF pipeline's answer: what is known so far of a burst, version by version."""

from enum import StrEnum

from msgspec import Struct

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
    """How far the quick look at a burst is."""

    RECEIVING = "receiving"
    """Packets may still come."""
    FINAL = "final"
    """The burst has ended or the stream fell silent."""
    WITHDRAWN = "withdrawn"
    """A notice retracted the burst; a later notice can revive it."""
    SUPERSEDED = "superseded"
    """The full data have been analysed."""


class InstrumentUpdate(Struct, frozen=True, kw_only=True):
    """What one instrument has seen so far."""

    instrument: str
    progress: str
    """nothing, rising, quiet or ended."""
    until_s: float
    """End of its newest data, seconds after t0."""
    bins: int
    duration: Duration
    hardness: HardnessRatio | None
    """For the GRM this is QHR_GRM."""
    peak_rates: tuple[PeakRate, ...]
    restarts: int
    """How often its segmentation had to start over."""
    flags: tuple[str, ...] = ()


class QuickLookUpdate(Struct, frozen=True, kw_only=True):
    """All that is known so far."""

    burst_id: str
    obs_id: str = ""
    t0_utc: str
    t0_met_s: float
    packets: int
    """Packets received, repeated ones not counted."""
    missing: int
    """Packets whose numbers were left out so far."""
    newest_met_s: float
    """When the newest packet was made on board."""
    instruments: tuple[InstrumentUpdate, ...] = ()
    reference: str | None = None
    """Instrument whose durations stand for the burst: the most significant one's."""
    classification: Classification | None = None
    """CRCLASS."""
    spectrum: SpectrumFits | None = None
    set_aside: dict[str, int] = {}
    """Packets that were left out, by cause."""
    flags: tuple[str, ...] = ()
    final: bool = False

    def of(self, instrument: str | None) -> InstrumentUpdate | None:
        """Find what one instrument has seen."""
        return next((each for each in self.instruments if each.instrument == instrument), None)


class QuickLookRequest(Struct, frozen=True, kw_only=True):
    """To a worker: more packets of a burst."""

    burst_id: str
    after: int
    """Packet up to which the worker must know the burst; 0: it is to begin with it."""
    packets: tuple[tuple[int, bytes], ...]
    """Number in the store, and binary form."""
    t0_met_s: float | None
    """Reference time that notices tell."""
    final: bool
    calibration_dir: str
    """Folder with responses; empty: none."""
    set_aside: tuple[PacketAside, ...] = ()
    """Packets of the burst that the daemon leaves out."""


class QuickLookAnswer(Struct, frozen=True, kw_only=True):
    """From a worker."""

    known: bool
    """False: it does not know the burst up to there, and needs all packets."""
    update: QuickLookUpdate | None = None
    """Null: there is nothing to tell yet."""


class QuickLookProductsRequest(Struct, frozen=True, kw_only=True):
    """To a worker: products of a version of what is known."""

    update: QuickLookUpdate
    told: BurstNotices | None
    packets: tuple[bytes, ...]
    """All that the update rests on, in the order in which they came."""
    folder: str
    """Where to put the products; made if it is not there."""
    proc_ver: int
    date_utc: str
    program: str


class QuickLookComparison(Struct, frozen=True, kw_only=True):
    """How good the quick look was."""

    task_id: str
    instrument: str
    vhf_t90_s: float | None
    vhf_err_minus_s: float | None
    vhf_err_plus_s: float | None
    xband_t90_s: float
    xband_err_minus_s: float | None
    xband_err_plus_s: float | None
    difference_s: float | None
    """VHF less X-band."""
    sigma: float | None
    """The difference in units of the errors that face each other, added in quadrature."""
    vhf_class: str | None
    same_instrument: bool


def compare_with_quick_look(
    update: QuickLookUpdate | None, task_id: str, summary: Summary
) -> QuickLookComparison | None:
    """Set the quick look beside an X-band result; None: that has no duration."""
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
