"""The thumbnail of a burst: a small light curve for lists."""

from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.interval import Interval

__all__ = ["Thumbnail", "ThumbnailForm", "ThumbnailQuery"]


class ThumbnailForm(StrEnum):
    """Forms of a thumbnail."""

    SVG = "svg"
    JSON = "json"


class ThumbnailQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which form."""

    format: ThumbnailForm = ThumbnailForm.SVG
    """An image, or numbers."""


class Thumbnail(Struct, frozen=True, kw_only=True):
    """A small light curve around a burst, in bins of equal width."""

    burst_id: str
    """The burst."""
    instrument: str
    """Instrument of the reference duration."""
    start_s: float
    """Begin, seconds after t0."""
    stop_s: float
    """End, seconds after t0."""
    t90_s: Interval | None
    """Begin and end of T90, seconds after t0; null: not measured."""
    rates_per_s: list[float | None]
    """Rate of each bin, background included, counts/s; null: there are no data."""
    background_per_s: list[float | None]
    """Background rate of each bin, counts/s; null: not known."""
