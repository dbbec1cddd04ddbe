"""Values of a clause, with the band that stands nearest to each."""

from collections.abc import Sequence

from eclgrmd.model.circular import CircularQuantity, CircularValue
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement

from .numbers import Band, Number

__all__ = ["nearest_band", "value_of"]


def nearest_band(known: Sequence[Band], place: int) -> Interval | None:
    """Return the band that stands nearest to a place of the same clause; None: it has none."""
    nearest = min(
        known,
        key=lambda band: min(abs(band.start - place), abs(band.stop - place)),
        default=None,
    )
    return None if nearest is None else nearest.band_kev


def value_of(
    quantity: CircularQuantity,
    unit: str,
    number: Number,
    words: str,
    *,
    factor: float = 1.0,
    negated: bool = False,
    band_kev: Interval | None = None,
    model: str = "",
    scale_s: float | None = None,
) -> CircularValue:
    """Return a value, in the unit that it is compared in."""
    low, high = number.err_minus, number.err_plus
    if negated:
        low, high = high, low
    measured = Measurement(number.value, low, high).times(factor)
    if negated and measured.value is not None:
        measured = Measurement(-measured.value, measured.err_minus, measured.err_plus)
    return CircularValue(
        quantity=quantity,
        unit=unit,
        measurement=measured,
        band_kev=band_kev,
        model=model,
        scale_s=scale_s,
        text=" ".join(words.split()),
    )
