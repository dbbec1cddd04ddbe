"""The summary: text for burst advocates and circulars, and the headline numbers."""

from collections.abc import Iterator

from msgspec.structs import replace

from eclgrmd.model.flags import FlagText, texts
from eclgrmd.model.pipeline import Summary
from eclgrmd.model.result import (
    Duration,
    Fluence,
    ModelFit,
    PhotonFluence,
    Result,
    SpectrumFits,
    Width,
)

from .character_text import character_lines
from .formatting import (
    INSTRUMENT_NAMES,
    band_name,
    model_name,
    plain,
    statistic_name,
    with_errors,
)

__all__ = ["headline_flags", "summary_of", "summary_text"]

PARAMETER_NAMES = {
    "epeak_kev": "Epeak",
    "ebreak_kev": "Ebreak",
    "kt_kev": "kT",
    "index": "photon index",
}


def summary_of(result: Result) -> Summary:
    """Return the headline numbers of the reference results."""
    duration = result.durations[0] if result.durations else None
    fits = result.spectra[0] if result.spectra else None
    model = fits.models[0] if fits and fits.models else None
    summary = Summary(
        t0_utc=result.burst.t0,
        t0_met_s=result.burst.t0_met_s,
        flags=tuple(dict.fromkeys(texts(headline_flags(result)))),
        rerun_of=result.process.rerun_of,
        steps_reused=tuple(step.name for step in result.process.steps if step.reused),
    )
    if duration is not None:
        summary = _with_duration(summary, duration)
    if fits is not None and model is not None:
        summary = _with_model(summary, fits, model)
    return summary


def headline_flags(result: Result) -> Iterator[FlagText]:
    """Yield the flags of the run and of the reference results, which may come twice."""
    yield from result.flags
    for duration in result.durations[:1]:
        yield from duration.flags
    for fits in result.spectra[:1]:
        yield from fits.flags
        for model in fits.models[:1]:
            yield from model.flags


def summary_text(result: Result) -> str:
    """Return the results as text, one line per statement."""
    return "\n".join(line.rstrip() for line in _lines(result)) + "\n"


def _with_duration(summary: Summary, duration: Duration) -> Summary:
    t90 = duration.t90
    found = duration.character.classification if duration.character else None
    return replace(
        summary,
        instrument=duration.instrument,
        detectors=duration.detectors,
        band_kev=duration.band_kev,
        t90_s=t90.value_s,
        t90_err_minus_s=t90.err_minus_s,
        t90_err_plus_s=t90.err_plus_s,
        t90_start_s=t90.start_s,
        t50_s=duration.t50.value_s,
        significance=duration.significance,
        classification=found.name if found else None,
    )


def _with_model(summary: Summary, fits: SpectrumFits, model: ModelFit) -> Summary:
    return replace(
        summary,
        model=model.name,
        statistic=fits.statistic,
        statistic_value=model.statistic_value,
        dof=model.dof,
        parameters={
            name: (found.value, found.err_minus, found.err_plus)
            for name, found in model.parameters.items()
        },
        fluence_erg=model.fluence_erg[0].value if model.fluence_erg else None,
    )


def _lines(result: Result) -> Iterator[str]:
    t0 = (result.burst.t0 or "").removesuffix("Z")
    yield f"{result.burst.id}, {f'T0 = {t0} UTC' if t0 else 'T0 as in the files'}"
    for duration in result.durations:
        yield ""
        yield from _duration_lines(duration)
    if result.combined is not None:
        yield ""
        yield from _duration_lines(result.combined)
    for fits in result.spectra:
        yield from _spectrum_lines(fits)
    yield ""
    if result.flags:
        yield f"Flags: {', '.join(texts(result.flags))}"
    made_with = result.process.configuration_sha256[:12]
    configuration = f", configuration {made_with}" if made_with else ""
    seed = f", seed {result.configuration.seed}"
    yield (
        "Errors are 1 sigma. Made by eclgrmd "
        f"{result.software.get('eclgrmd', '')}{configuration}{seed}."
    )


def _duration_lines(duration: Duration) -> Iterator[str]:
    who = " ".join([INSTRUMENT_NAMES.get(duration.instrument, ""), "+".join(duration.detectors)])
    yield f"Duration, {who.strip()}, {band_name(duration.band_kev)}:"
    if duration.t90.value_s is None:
        limit = duration.upper_limit_counts
        bound = "" if limit is None else f"; 3-sigma upper limit {plain(limit)} counts"
        yield f"  no significant excess{_searched(duration, '')}{bound}"
    else:
        yield f"  T90 = {_width(duration.t90)}"
        if duration.t50.value_s is not None:
            yield f"  T50 = {_width(duration.t50)}"
        yield f"  method: {duration.method}"
    if duration.photon_fluence is not None:
        yield from _photon_lines(duration.photon_fluence)
    if duration.significance is not None:
        yield f"  significance {duration.significance:.1f} sigma{_searched(duration, ', searched')}"
    if templates := duration.background.get("templates"):
        named = (f"{each['name']} ({each['chance']:.0%})" for each in templates)
        yield f"  templates in the background, with their probability: {', '.join(named)}"
    if duration.flags:
        yield f"  flags: {', '.join(texts(duration.flags))}"
    if duration.character is not None:
        yield from (f"  {line}" for line in character_lines(duration.character))


def _searched(duration: Duration, what: str) -> str:
    if duration.searched_s is None:
        return ""
    low, high = duration.searched_s
    return f"{what} from T0{low:+.1f} s to T0{high:+.1f} s"


def _photon_lines(found: PhotonFluence) -> Iterator[str]:
    low, high = found.band_kev
    yield f"  photon fluence, {plain(low)}-{plain(high)} keV ({model_name(found.model)}):"
    yield f"    T90 = {_width(found.t90)}"
    yield f"    T50 = {_width(found.t50)}"
    fluence = found.fluence
    text = with_errors(fluence.value or 0.0, fluence.err_minus, fluence.err_plus, "ph/cm2")
    flags = f" ({', '.join(texts(found.flags))})" if found.flags else ""
    yield f"    {text}{flags}"


def _width(width: Width) -> str:
    text = with_errors(width.value_s or 0.0, width.err_minus_s, width.err_plus_s, "s")
    if width.start_s is None or width.stop_s is None:
        return text
    return f"{text}, from T0{width.start_s:+.3f} s to T0{width.stop_s:+.3f} s"


def _spectrum_lines(fits: SpectrumFits) -> Iterator[str]:
    """Yield the reference and the preferred model in full, and one line for each other model."""
    for model in fits.models:
        if model is fits.models[0] or model.preferred:
            yield ""
            yield from _model_lines(fits, model)
    others = [m for m in fits.models[1:] if not m.preferred]
    yield from (f"  {_statistic(fits, m)}, {model_name(m.name)}: {m.reason}" for m in others)
    if fits.energy_kev:
        yield f"  energies: {_energies(fits)}"
    if fits.area_groups:
        yield f"  area constants: {_area_constants(fits)}"
    if fits.flags:
        yield f"  flags of these spectra: {', '.join(texts(fits.flags))}"


def _energies(fits: SpectrumFits) -> str:
    """Return the fitted energy ranges, with detectors of the same range together."""
    bands: dict[str, list[str]] = {}
    for detector, (low, high) in fits.energy_kev.items():
        bands.setdefault(f"{plain(low)}-{plain(high)} keV", []).append(detector)
    return ", ".join(f"{'+'.join(names)} {band}" for band, names in bands.items())


def _area_constants(fits: SpectrumFits) -> str:
    """Return the area constants of the preferred (or else the reference) model, by group."""
    shown = next((m for m in fits.models if m.preferred), fits.models[0])
    parts = []
    for names in fits.area_groups:
        found = shown.area[names[0]]
        value = with_errors(found.value or 0.0, found.err_minus, found.err_plus)
        parts.append(f"{'+'.join(names)} {value if found.free else '1 (fixed)'}")
    return f"{', '.join(parts)} ({model_name(shown.name)})"


def _model_lines(fits: SpectrumFits, model: ModelFit) -> Iterator[str]:
    start, stop = fits.interval_s
    yield (
        f"Spectrum, T0{start:+.3f} s to T0{stop:+.3f} s ({fits.kind}), "
        f"{'+'.join(fits.detectors)}: {model_name(model.name)}"
    )
    for name, found in model.parameters.items():
        label = PARAMETER_NAMES.get(name, name)
        if found.value is None:
            yield f"  {label} not determined"
            continue
        text = with_errors(found.value, found.err_minus, found.err_plus, found.unit)
        yield f"  {label} = {text}{'' if found.free else ' (fixed)'}"
    choice = f"{'preferred: ' if model.preferred else ''}{model.reason}"
    yield f"  {_statistic(fits, model)}{f', {choice}' if len(fits.models) > 1 else ''}"
    yield from (_fluence(fluence) for fluence in model.fluence_erg if fluence.value is not None)
    if model.flags:
        yield f"  flags: {', '.join(texts(model.flags))}"


def _statistic(fits: SpectrumFits, model: ModelFit) -> str:
    value = "not known" if model.statistic_value is None else f"{model.statistic_value:.2f}"
    return f"{statistic_name(fits.statistic)} {value} for {model.dof} dof"


def _fluence(fluence: Fluence) -> str:
    low, high = fluence.band_kev
    text = with_errors(fluence.value or 0.0, fluence.err_minus, fluence.err_plus, "erg/cm2")
    return f"  fluence {plain(low)}-{plain(high)} keV: {text}"
