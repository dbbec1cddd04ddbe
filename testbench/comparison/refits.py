"""Repeats a published fit that its entry describes completely."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from eclgrmd.model.configuration.sections import SpectralChoice, TaskConfiguration
from eclgrmd.model.names import FileKind

from .case import Case, Check, Reference
from .files import Chosen, spectrum_files
from .parameters import parameter_error, parameter_value

__all__ = ["repeated_fits"]

MODELS = {
    "band": "band",
    "grbm": "band",
    "comp": "cpl",
    "cpl": "cpl",
    "cutoffpl": "cpl",
    "powerlaw": "pl",
    "plaw": "pl",
    "pl": "pl",
    "sbpl": "sbpl",
}
"""Our name of a model, by the first word of the published name."""
PARAMETERS = {"alpha": "alpha", "beta": "beta", "Epeak_keV": "epeak_kev", "index": "index"}
"""Our name of a parameter, by the published one; others (norms, constants) are not compared."""
UNKNOWN_ERROR = 0.1
"""Relative tolerance of a value without a published error."""


def repeated_fits(reference: Reference, data: Path) -> Iterator[Case]:
    """Yield a case for each fit of an entry whose model and files are known.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If no fit can be repeated.
    """
    published = [fit for fit in reference["fits"] if _model(fit) and _compared(fit)]
    if not published:
        raise ValueError(f"has no fit of {', '.join(sorted(set(MODELS)))} with parameters")
    chosen = spectrum_files(reference, data)
    if chosen is None:
        raise ValueError("names no spectrum, event list or history")
    for number, fit in enumerate(published, start=1):
        model = _model(fit)
        row = int(fit.get("row", 1)) - 1
        yield Case(
            name=f"{reference['id']} {model} ({number})",
            files=chosen.files,
            configuration=TaskConfiguration(
                detectors=_detectors(fit, chosen),
                spectral=SpectralChoice(
                    models=(model,),
                    intervals=_intervals(fit, chosen),
                    energy_kev=_energies(fit, chosen),
                ),
            ),
            checks=tuple(_check(name, fit, row) for name in _compared(fit)),
            authority=fit.get("authority", "the references"),
        )


def _model(fit: Reference) -> Any:
    words = str(fit.get("model", "")).lower().split()
    return MODELS.get(words[0]) if words else None


def _compared(fit: Reference) -> list[str]:
    params = fit.get("params") or {}
    return [name for name in PARAMETERS if isinstance(params.get(name), int | float)]


def _intervals(fit: Reference, chosen: Chosen) -> Any:
    """Return the published interval if the files have counts by time."""
    interval = fit.get("interval_s")
    if chosen.kind is FileKind.SPECTRUM or not isinstance(interval, list):
        return ("t100",)
    return ((float(interval[0]), float(interval[1])),)


def _detectors(fit: Reference, chosen: Chosen) -> tuple[str, ...]:
    """Return the fitted detectors if the entry names some of those that the files have."""
    known = {name for each in chosen.descriptions for name in each.detectors}
    named = fit.get("detectors")
    return tuple(named) if isinstance(named, list) and known.issuperset(named) else ()


def _energies(fit: Reference, chosen: Chosen) -> dict[str, tuple[float, float]]:
    energies = fit.get("energy_keV")
    if not isinstance(energies, list):
        return {}
    return {
        each.instrument.value: (float(energies[0]), float(energies[1]))
        for each in chosen.descriptions
    }


def _check(name: str, fit: Reference, row: int) -> Check:
    value = float(fit["params"][name])
    error = (fit.get("errors_1sigma") or {}).get(name)
    largest = max(map(abs, error)) if isinstance(error, list) else abs(error or 0.0)
    ours = PARAMETERS[name]
    return Check(
        ours,
        value,
        3 * largest or UNKNOWN_ERROR * abs(value),
        partial(parameter_value, ours, row),
        "3 sigma, theirs and ours" if largest else f"{UNKNOWN_ERROR:.0%}",
        partial(parameter_error, ours, row),
    )
