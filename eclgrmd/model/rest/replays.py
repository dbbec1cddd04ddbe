"""What the quick look knew of a burst as its packets came, as REST shows it."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from eclgrmd.model.interval import Interval
from eclgrmd.model.result import ClassName

from .pictures import LightCurveQuery, PictureQuery

__all__ = [
    "KnownThen",
    "QuickCurveQuery",
    "QuickPictureQuery",
    "SeenThen",
    "VhfHistory",
]

Packets = Annotated[int, Meta(ge=1, le=1_000_000)]
"""Number of packets."""


class SeenThen(Struct, frozen=True, kw_only=True):
    """What one instrument had measured; times are seconds after t0 of the same row."""

    instrument: str
    """The instrument."""
    progress: str
    """nothing, rising, quiet or ended."""
    until_s: float
    """End of its newest data."""
    significance: float | None
    """Significance of the excess, sigma; null: none."""
    t90_s: float | None
    """T90, seconds; null: none."""
    t90_err_minus_s: float | None
    """Its lower 1-sigma error, seconds; null: not known."""
    t90_err_plus_s: float | None
    """Its upper 1-sigma error, seconds; null: not known."""
    t50_s: float | None
    """T50, seconds; null: none."""
    t100_s: Interval | None
    """The burst; null: none was found."""


class KnownThen(Struct, frozen=True, kw_only=True):
    """What was known of a burst after some of its packets."""

    version: int
    """Version of the update."""
    packets: int
    """Packets that had come: the first ones, by arrival."""
    at: datetime
    """When it was recorded."""
    newest_met_s: float
    """When the newest packet was made on board, seconds of the mission."""
    t0_met_s: float
    """Reference time, seconds of the mission."""
    t0_utc: str
    """The same, ISO-8601 UTC."""
    final: bool
    """Whether no more packets were expected."""
    why: str
    """Why the update was announced; empty: it was not."""
    reference: str | None
    """Instrument of the reference duration; null: no excess."""
    burst_class: ClassName | None = field(name="class")
    """Class; null: unknown."""
    epeak_kev: float | None
    """Peak energy of the coarse spectrum, keV; null: none."""
    instruments: list[SeenThen]
    """Each instrument with data."""


class VhfHistory(Struct, frozen=True, kw_only=True):
    """What was known of a burst as its packets came."""

    burst_id: str
    """The burst."""
    packets: int
    """Packets that are kept, from which pictures are made; 0: they were cleaned."""
    rows: list[KnownThen]
    """The updates, oldest first. One may rest on several packets that came together."""
    next: str | None
    """Path of the next page; null: this is the last one."""


class QuickPictureQuery(PictureQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After which packet, and how to encode the data."""

    packets: Packets | UnsetType = UNSET
    """Show what was known after this many packets, by arrival; if it is missing, after all that
    the newest update rests on."""


class QuickCurveQuery(LightCurveQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which light curves to make, and after which packet."""

    packets: Packets | UnsetType = UNSET
    """Show what was known after this many packets, by arrival; if it is missing, after all that
    the newest update rests on."""
