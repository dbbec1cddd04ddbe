"""Pairs measured values with the simulated truth."""

import math
from collections.abc import Iterable, Iterator

from eclgrmd.model.flags import FlagText, texts
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Duration, ModelFit, Parameter, Result, Width
from eclgrmd.products.formatting import band_name
from testbench.simulate.truth import DurationTruth, SpectrumTruth, Truth, WidthTruth

from .statistics import Pull

__all__ = [
    "best_model",
    "duration_pulls",
    "spectrum_pulls",
    "true_duration",
    "wrong_numbers",
]

CERTAIN_SIGMA = 8.0
"""Significance above which T90 of a burst must be measured, sigma."""
_BAND_SHARE = 0.05
"""Relative tolerance of band edges: a result may name those of the channels that it used."""


def duration_pulls(truth: Truth, result: Result) -> Iterator[Pull]:
    """Yield the pulls of every measured T90 and T50 of a burst whose data are complete."""
    for duration in result.durations:
        true = true_duration(truth, duration)
        if true is None or truth.flags:
            continue
        pairs = (("T90", duration.t90, true.t90), ("T50", duration.t50, true.t50))
        for name, width, width_true in pairs:
            yield from _width_pull(truth, name, width, width_true, duration)


def _width_pull(
    truth: Truth, name: str, width: Width, true: WidthTruth, duration: Duration
) -> Iterator[Pull]:
    if width.value_s is not None and width.err_minus_s is not None and width.err_plus_s is not None:
        yield Pull(
            burst_id=truth.burst_id,
            quantity=name,
            measured=width.value_s,
            err_minus=width.err_minus_s,
            err_plus=width.err_plus_s,
            true=true.value_s,
            flags=texts(duration.flags),
            of=f"{duration.instrument} {band_name(duration.band_kev)}",
        )


def true_duration(truth: Truth, duration: Duration) -> DurationTruth | None:
    """Return the truth of the same instrument and band, or None."""
    return next(
        (
            true
            for true in truth.durations
            if str(true.instrument) == duration.instrument
            and duration.band_kev is not None
            and _near(duration.band_kev, true.band_kev, share=_BAND_SHARE)
        ),
        None,
    )


def _near(a: tuple[float, float], b: tuple[float, float], *, share: float) -> bool:
    return all(math.isclose(x, y, rel_tol=share, abs_tol=0.01) for x, y in zip(a, b, strict=True))


def spectrum_pulls(truth: Truth, result: Result) -> Iterator[Pull]:
    """Yield the pulls of the parameters of the reference spectrum."""
    if truth.spectrum is None or not result.spectra:
        return
    spectrum = result.spectra[0]
    model = best_model(result, truth.spectrum.model)
    if model is None:
        return
    true = _parameters(
        truth.spectrum,
        model.name,
        whole=_near(spectrum.interval_s, truth.spectrum.interval_s, share=0.01),
    )
    for name, value in true.items():
        parameter = model.parameters.get(name)
        if parameter is not None and parameter.free:
            yield from _parameter_pull(truth, name, parameter, value, model)


def best_model(result: Result, name: str) -> ModelFit | None:
    """Return the fit of a model to the reference spectrum, or else the preferred fit."""
    if not result.spectra:
        return None
    models = result.spectra[0].models
    named = next((m for m in models if m.name == name), None)
    return named or next((m for m in models if m.preferred), None)


def _parameters(true: SpectrumTruth, model: str, *, whole: bool) -> dict[str, float]:
    """Return the true parameters that the fitted model has as well.

    The amplitude is a mean over the interval, so it is only known for the simulated interval.
    """
    if model not in ("band", "cpl"):
        return {}
    known = {"epeak_kev": true.epeak_kev, "alpha": true.alpha}
    if model == "band" and true.beta is not None:
        known["beta"] = true.beta
    if whole and model == true.model:
        known["amplitude"] = true.amplitude
    return known


def _parameter_pull(
    truth: Truth, name: str, parameter: Parameter, true: float, model: ModelFit
) -> Iterator[Pull]:
    measured = Measurement(parameter.value, parameter.err_minus, parameter.err_plus)
    if None not in (measured.value, measured.err_minus, measured.err_plus):
        yield Pull(
            burst_id=truth.burst_id,
            quantity=name,
            measured=measured.value or 0.0,
            err_minus=measured.err_minus or 0.0,
            err_plus=measured.err_plus or 0.0,
            true=true,
            flags=texts(model.flags),
            of=model.name,
        )


def wrong_numbers(truth: Truth, result: Result) -> list[str]:
    """List numbers that must be null but are not, or are null but must not be."""
    where = f"{truth.burst_id} ({truth.name})"
    if "no_burst" in truth.flags:
        return [f"{where}: there is no burst, but {text}" for text in _numbers(result)]
    found = [f"{where}: {text} is null without a flag" for text in _unexplained(result)]
    for duration in result.durations:
        true = true_duration(truth, duration)
        if true is not None and _sigma(true) > CERTAIN_SIGMA and duration.t90.value_s is None:
            found.append(
                f"{where}: no T90 of {duration.instrument}, though the burst stands "
                f"{_sigma(true):.0f} sigma above its background "
                f"({', '.join(texts(duration.flags))})"
            )
    if truth.flags and result.durations and not _warnings(result):
        found.append(f"{where}: no flag says that the data are cut ({', '.join(truth.flags)})")
    return found


def _sigma(true: DurationTruth) -> float:
    return 0.9 * true.counts / math.sqrt(true.counts + true.background_counts)


def _numbers(result: Result) -> Iterator[str]:
    for duration in result.durations:
        if duration.t90.value_s is not None:
            yield f"T90 of {duration.instrument} is {duration.t90.value_s:g} s"
    for spectrum in result.spectra:
        for model in spectrum.models:
            fitted = any(p.value is not None for p in model.parameters.values())
            if fitted and not model.flags:
                yield f"{model.name} was fitted over {spectrum.interval_s} without a flag"


def _unexplained(result: Result) -> Iterator[str]:
    for duration in result.durations:
        widths = (duration.t90, duration.t50)
        if not duration.flags and any(None in _fields(width) for width in widths):
            yield f"a duration of {duration.instrument}"
    for spectrum in result.spectra:
        for model in spectrum.models:
            if not model.flags and any(p.value is None for p in model.parameters.values()):
                yield f"a parameter of {model.name}"


def _fields(width: Width) -> Iterable[float | None]:
    return (width.value_s, width.err_minus_s, width.err_plus_s, width.start_s, width.stop_s)


def _warnings(result: Result) -> list[FlagText]:
    flags = [*result.flags]
    for duration in result.durations:
        flags += duration.flags
    return flags
