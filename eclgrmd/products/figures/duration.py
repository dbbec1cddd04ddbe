"""Window and titles of the figures of a measured duration."""

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.products.formatting import INSTRUMENT_NAMES, band_name, detectors_text, plain

__all__ = ["subtitle_of", "who", "window_of"]


def window_of(duration: DurationMeasurement) -> tuple[float, float]:
    """Return the window of a figure, seconds after t0: the burst and 60 % of its length around it.

    Without a burst it is the whole light curve.
    """
    curve = duration.curve
    first, last = float(curve.start_s[0]), float(curve.stop_s[-1])
    if duration.t100_s is None:
        return first, last
    start, stop = duration.t100_s
    margin = 0.6 * (stop - start)
    return max(first, start - margin), min(last, stop + margin)


def subtitle_of(duration: DurationMeasurement, bin_s: float) -> str:
    """Return the subtitle of a figure: instrument, band, bins and significance."""
    parts = [
        who(duration),
        band_name(duration.band_kev, "–"),
        f"bins of {plain(bin_s)} s",
    ]
    if duration.t100_s is not None and duration.significance is not None:
        parts.append(f"{duration.significance:.1f} σ")
    return ", ".join(parts)


def who(duration: DurationMeasurement) -> str:
    """Return the name of the instrument with its detectors."""
    instrument = INSTRUMENT_NAMES.get(duration.instrument, "")
    return f"{instrument} {detectors_text(duration.detectors)}".strip()
