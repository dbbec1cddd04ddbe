"""What all figures of a measured duration share."""

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.products.words import INSTRUMENT_NAMES, band_name, detectors_text, plain

__all__ = ["subtitle_of", "who", "window_of"]


def window_of(duration: DurationMeasurement) -> tuple[float, float]:
    """Show the burst and enough around it to judge the background, within the data."""
    curve = duration.curve
    first, last = float(curve.start_s[0]), float(curve.stop_s[-1])
    if duration.t100_s is None:
        return first, last
    start, stop = duration.t100_s
    margin = 0.6 * (stop - start)
    return max(first, start - margin), min(last, stop + margin)


def subtitle_of(duration: DurationMeasurement, bin_s: float) -> str:
    """Say who measured in which band, in which bins, and how significantly."""
    parts = [
        who(duration),
        band_name(duration.band_kev, "–"),
        f"bins of {plain(bin_s)} s",
    ]
    if duration.t100_s is not None and duration.significance is not None:
        parts.append(f"{duration.significance:.1f} σ")
    return ", ".join(parts)


def who(duration: DurationMeasurement) -> str:
    """Return the instrument and its detectors, in words."""
    instrument = INSTRUMENT_NAMES.get(duration.instrument, "")
    return f"{instrument} {detectors_text(duration.detectors)}".strip()
