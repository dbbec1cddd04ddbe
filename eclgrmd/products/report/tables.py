"""The tables of a report as HTML."""

from collections.abc import Iterable, Iterator
from html import escape
from textwrap import shorten

from eclgrmd.model.flags import texts
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Duration, ModelFit, Result, SpectrumFits, Width
from eclgrmd.products.formatting import (
    INSTRUMENT_NAMES,
    band_name,
    model_name,
    plain,
    statistic_name,
    with_errors,
)
from eclgrmd.products.summary import headline_flags

__all__ = ["duration_table", "flag_list", "input_list", "spectrum_table"]

Row = tuple[str, ...]
_MOST_FLAGS, _LONGEST_FLAG = 5, 120
"""Flags that fit on the page, and characters of one; `result.json`, inside the report, has all."""
_MOST_INPUTS = 16
"""Inputs that fit on the page."""


def duration_table(result: Result) -> str:
    """Return the durations and other properties, one column for each instrument."""
    durations = result.durations[:3]
    if not durations:
        return "<p>No duration was measured.</p>"
    head = ["", *(INSTRUMENT_NAMES.get(each.instrument, each.instrument) for each in durations)]
    columns = [dict(_properties(each)) for each in durations]
    names = dict.fromkeys(name for column in columns for name in column)
    return _table(head, [(name, *(c.get(name, "") for c in columns)) for name in names])


def spectrum_table(result: Result) -> str:
    """Return the fits of the reference spectrum, one column for each model."""
    if not result.spectra or not result.spectra[0].models:
        return "<p>No spectrum was fitted.</p>"
    fits = result.spectra[0]
    models = _shown(fits)
    columns = [dict(_fit(fits, each)) for each in models]
    head = ["", *(_headed(fits, each) for each in models)]
    names = dict.fromkeys(name for column in columns for name in column)
    start, stop = fits.interval_s
    caption = f"{start:.3f} to {stop:.3f} s after T0 ({fits.kind}), {'+'.join(fits.detectors)}"
    rows = [(name, *(c.get(name, "") for c in columns)) for name in names]
    return f"<p>{escape(caption)}</p>{_table(head, rows)}"


def input_list(result: Result) -> str:
    """Return the inputs with their checksums."""
    lines = [(each.name, each.sha256) for each in result.inputs]
    more = len(lines) - _MOST_INPUTS
    if more > 0:
        lines = [*lines[:_MOST_INPUTS], (f"and {more} more", "see result.json")]
    items = "".join(f"<li>{escape(name)} <code>{escape(sha)}</code></li>" for name, sha in lines)
    return f'<p>Inputs with their SHA-256:</p><ul class="inputs">{items}</ul>'


def flag_list(result: Result) -> str:
    """Return what is missing or doubtful; empty if nothing is."""
    found = dict.fromkeys(texts(headline_flags(result)))
    if not found:
        return ""
    shown = [shorten(each, _LONGEST_FLAG, placeholder=" ...") for each in found][:_MOST_FLAGS]
    more = len(found) - len(shown)
    if more:
        shown.append(f"and {more} more in result.json")
    return f'<p class="flags"><b>Flags:</b> {escape("; ".join(shown))}</p>'


def _properties(duration: Duration) -> Iterator[tuple[str, str]]:
    yield "detectors", " + ".join(duration.detectors)
    yield "energies", band_name(duration.band_kev, "–")
    yield "T90", _width(duration.t90)
    yield "T50", _width(duration.t50)
    yield "method", duration.method
    if duration.photon_fluence is not None:
        yield "T90 of photons", _width(duration.photon_fluence.t90)
    if duration.significance is not None:
        yield "significance", f"{duration.significance:.1f} σ"
    if duration.character is None:
        return
    character = duration.character
    for peak in character.peak_rates:
        text = _measured(peak.rate_counts_per_s, "counts/s")
        if text:
            yield f"peak rate in {plain(peak.scale_s)} s", text
    if character.hardness is not None:
        yield "hardness", _measured(character.hardness.ratio)
    if character.lag is not None:
        yield "spectral lag", _measured(character.lag.lag_s, "s")
    if character.classification is not None:
        chance = character.classification.probability_short
        beside = "" if chance is None else f", P(short) = {chance:.2g}"
        yield "class", f"{character.classification.name}{beside}"


def _fit(fits: SpectrumFits, fit: ModelFit) -> Iterator[tuple[str, str]]:
    for name, parameter in fit.parameters.items():
        yield name.removesuffix("_kev"), _measured(parameter.measurement, parameter.unit)
    for fluence in fit.fluence_erg:
        low, high = map(plain, fluence.band_kev)
        yield f"fluence {low}–{high} keV", _measured(fluence.measurement, "erg/cm²")
    for flux in fit.flux[:1]:
        low, high = map(plain, flux.band_kev)
        yield f"flux {low}–{high} keV", _measured(flux.photon, "ph/cm²/s")
    if fit.statistic_value is not None:
        yield statistic_name(fits.statistic), f"{fit.statistic_value:.1f} for {fit.dof} dof"


def _shown(fits: SpectrumFits) -> list[ModelFit]:
    """Return the reference model and the preferred one, or else the next."""
    first, *others = fits.models
    others.sort(key=lambda each: not each.preferred)
    return [first, *others[:1]]


def _headed(fits: SpectrumFits, fit: ModelFit) -> str:
    return f"{model_name(fit.name)}{' (preferred)' if fit.name == fits.preferred else ''}"


def _width(width: Width) -> str:
    if width.value_s is None:
        return "no significant excess"
    text = _measured(width.measurement, "s")
    return text if width.start_s is None else f"{text} from {width.start_s:.3f} s"


def _measured(found: Measurement, unit: str = "") -> str:
    if found.value is None:
        return ""
    return with_errors(found.value, found.err_minus, found.err_plus, unit)


def _table(head: Iterable[str], rows: Iterable[Row]) -> str:
    heads = "".join(f"<th>{escape(each)}</th>" for each in head)
    lines = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(v)}</td>' for v in values)}</tr>"
        for name, *values in rows
    )
    return f"<table><tr>{heads}</tr>{lines}</table>"
