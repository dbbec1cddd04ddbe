"""Thumbnails: the light curve of the reference duration in at most 60 bins around the burst."""

from xml.sax.saxutils import escape

import msgspec
import numpy as np

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.errors import PermanentError
from eclgrmd.model.interval import Interval
from eclgrmd.model.observation import Floats
from eclgrmd.model.rest.thumbnails import Thumbnail, ThumbnailForm

from .measured import MeasuredBurst

__all__ = ["encode_thumbnail", "thumbnail_of"]

_BINS = 60
"""Bins of a thumbnail; a list gives it about two pixels for each."""
_BESIDE = 0.5
"""Time shown before and after the burst, as a fraction of its length; a choice."""
_WIDTH, _HEIGHT, _MARGIN = 120.0, 32.0, 2.0
"""Size of the image and of its upper and lower margin, pixels."""
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" width="120" height="32" role="img">\
<title>{title}</title>{shaded}\
<path d="{background}" fill="none" stroke="#888" stroke-width="1"/>\
<path d="{curve}" fill="none" stroke="#2b7bba" stroke-width="1.2"/></svg>
"""
"""Colours that are seen on a light and on a dark page."""


def encode_thumbnail(burst_id: str, burst: MeasuredBurst, form: ThumbnailForm) -> bytes:
    """Return the thumbnail of a burst in one of its forms.

    Raises
    ------
    PermanentError
        If no duration was measured.
    """
    found = thumbnail_of(burst_id, burst)
    return msgspec.json.encode(found) if form is ThumbnailForm.JSON else _image(found)


def thumbnail_of(burst_id: str, burst: MeasuredBurst) -> Thumbnail:
    """Return the thumbnail of a burst: the curve with which its reference duration was measured.

    Raises
    ------
    PermanentError
        If no duration was measured.
    """
    if not burst.durations:
        raise PermanentError(f"burst {burst_id!r} has no light curve: no duration was measured")
    measured = burst.durations[0]
    curve = measured.curve
    start_s, stop_s = _window(measured)
    edges = np.linspace(start_s, stop_s, _BINS + 1)
    exposure = _rebinned(curve.start_s, curve.stop_s, curve.exposure_s, edges)
    counts = _rebinned(curve.start_s, curve.stop_s, curve.counts, edges)
    fit = measured.background_fit
    if fit is None:
        background = np.full(_BINS, np.nan)
    else:
        expected = fit.counts(curve.start_s, curve.stop_s, curve.exposure_s).sum(axis=1)
        background = _rebinned(curve.start_s, curve.stop_s, expected, edges)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates, levels = counts / exposure, background / exposure
    t90_start_s, t90_stop_s = measured.t90.start_s, measured.t90.stop_s
    return Thumbnail(
        burst_id=burst_id,
        instrument=measured.instrument,
        start_s=start_s,
        stop_s=stop_s,
        t90_s=None if t90_start_s is None or t90_stop_s is None else (t90_start_s, t90_stop_s),
        rates_per_s=_rounded(rates),
        background_per_s=_rounded(levels),
    )


def _window(measured: DurationMeasurement) -> Interval:
    """Return the burst with its surroundings, or the whole curve if there is no burst."""
    curve = measured.curve
    first, last = float(curve.start_s[0]), float(curve.stop_s[-1])
    if measured.t100_s is None:
        return first, last
    start, stop = measured.t100_s
    beside = _BESIDE * max(stop - start, float(np.median(curve.stop_s - curve.start_s)))
    return max(first, start - beside), min(last, stop + beside)


def _rebinned(start_s: Floats, stop_s: Floats, values: Floats, edges: Floats) -> Floats:
    """Return the sums of values in other bins; a bin across an edge is shared by its parts.

    Parameters
    ----------
    start_s, stop_s
        The bins, shape (n,), which do not overlap.
    values
        Their values, shape (n,).
    edges
        Edges of the new bins, shape (m + 1,).
    """
    below = np.concatenate([[0.0], np.cumsum(values)])
    number = np.clip(np.searchsorted(start_s, edges, side="right") - 1, 0, None)
    part = np.clip((edges - start_s[number]) / (stop_s[number] - start_s[number]), 0.0, 1.0)
    return np.diff(below[number] + part * values[number])


def _rounded(values: Floats) -> list[float | None]:
    """Return numbers with four digits, and None for those that are not finite."""
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]


def _image(found: Thumbnail) -> bytes:
    rates = [each for each in found.rates_per_s if each is not None]
    low, high = (min(rates), max(rates)) if rates else (0.0, 1.0)
    length_s = found.stop_s - found.start_s

    def x(time_s: float) -> float:
        return min(max((time_s - found.start_s) / length_s, 0.0), 1.0) * _WIDTH

    def path(values: list[float | None]) -> str:
        steps, pen = [], "M"
        for number, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            share = (value - low) / (high - low) if high > low else 0.5
            y = _HEIGHT - _MARGIN - min(max(share, 0.0), 1.0) * (_HEIGHT - 2.0 * _MARGIN)
            left, right = number * _WIDTH / _BINS, (number + 1) * _WIDTH / _BINS
            steps.append(f"{pen}{left:.1f} {y:.1f}H{right:.1f}")
            pen = "L"
        return "".join(steps)

    shaded = ""
    if found.t90_s is not None:
        left, right = map(x, found.t90_s)
        shaded = (
            f'<rect x="{left:.1f}" width="{right - left:.1f}" height="{_HEIGHT:g}" '
            'fill="#2b7bba" fill-opacity="0.15"/>'
        )
    title = f"Light curve of {found.burst_id}, {found.instrument}, {length_s:.4g} s"
    return _SVG.format(
        title=escape(title),
        shaded=shaded,
        background=path(found.background_per_s),
        curve=path(found.rates_per_s),
    ).encode()
