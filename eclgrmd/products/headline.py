"""The main results as rows of a label and a text, for the terminal and for notebooks."""

from collections.abc import Iterator

from eclgrmd.model.flags import texts
from eclgrmd.model.result import Duration, ModelFit, Result, SpectrumFits

from .formatting import (
    INSTRUMENT_NAMES,
    band_name,
    model_name,
    plain,
    statistic_name,
    with_errors,
)

__all__ = ["Row", "headline_sections"]

Row = tuple[str, str]


def headline_sections(result: Result) -> Iterator[list[Row]]:
    """Yield the rows of each duration, of each spectrum, and of the flags."""
    for duration in result.durations:
        yield list(_duration_rows(duration))
    for fits in result.spectra:
        for model in fits.models:
            # Only the first and the preferred model, to keep the table short.
            if model is fits.models[0] or model.preferred:
                yield list(_model_rows(fits, model))
    if result.flags:
        yield [("flags", ", ".join(texts(result.flags)))]


def _duration_rows(duration: Duration) -> Iterator[Row]:
    name = INSTRUMENT_NAMES.get(duration.instrument, "")
    yield "duration", f"{name} {'+'.join(duration.detectors)}, {band_name(duration.band_kev)}"
    widths = [("T90", duration.t90), ("T50", duration.t50)]
    if duration.photon_fluence is not None:
        widths.append(("photon T90", duration.photon_fluence.t90))
    for label, width in widths:
        if width.value_s is not None:
            text = with_errors(width.value_s, width.err_minus_s, width.err_plus_s, "s")
            yield label, text if width.start_s is None else f"{text} from {width.start_s:.3f} s"
    if duration.t90.value_s is None:
        yield "T90", "no significant excess"
    if duration.significance is not None:
        yield "significance", f"{duration.significance:.1f} sigma"
    if duration.flags:
        yield "flags", ", ".join(texts(duration.flags))


def _model_rows(fits: SpectrumFits, model: ModelFit) -> Iterator[Row]:
    start, stop = fits.interval_s
    detectors = "+".join(fits.detectors)
    where = f"{start:.3f} to {stop:.3f} s ({fits.kind}), {detectors}"
    yield "spectrum", f"{model_name(model.name)}, {where}"
    for name, found in model.parameters.items():
        if found.value is not None:
            yield name, with_errors(found.value, found.err_minus, found.err_plus, found.unit)
    if model.statistic_value is not None:
        yield statistic_name(fits.statistic), f"{model.statistic_value:.2f} for {model.dof} dof"
    for fluence in model.fluence_erg:
        if fluence.value is not None:
            low, high = fluence.band_kev
            text = with_errors(fluence.value, fluence.err_minus, fluence.err_plus, "erg/cm2")
            yield "fluence", f"{text}, {plain(low)}-{plain(high)} keV"
    if model.flags:
        yield "flags", ", ".join(texts(model.flags))
