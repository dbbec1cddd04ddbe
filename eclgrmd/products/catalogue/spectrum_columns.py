"""Columns of the reference spectrum and of the spectrum of the peak."""

from collections.abc import Callable, Iterator

from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import ModelFit, SpectrumFits
from eclgrmd.products.bands import (
    BATSE_BAND_KEV,
    GBM_BAND_KEV,
    energy_fluence,
    energy_flux,
    photon_flux,
)

from .entry import Column, Entry, measured, number, text, whole

__all__ = ["spectrum_columns"]

Chosen = Callable[[Entry], SpectrumFits | None]
Fitted = Callable[[Entry], ModelFit | None]
_PHOTONS, _DENSITY = "ph", "ph / (cm2 s keV)"
_MODELS = {
    "band": ("band", {"amplitude": "ampl", "epeak_kev": "epeak", "alpha": "alpha", "beta": "beta"}),
    "cpl": ("comp", {"amplitude": "ampl", "epeak_kev": "epeak", "alpha": "index"}),
    "pl": ("plaw", {"amplitude": "ampl", "index": "index"}),
    "sbpl": (
        "sbpl",
        {"amplitude": "ampl", "ebreak_kev": "brken", "alpha": "indx1", "beta": "indx2"},
    ),
}
"""By our model: its name in FERMIGBRST, and the names there of its parameters. Amplitudes are those
at 100 keV in both."""
_UNITS = {"ampl": _DENSITY, "epeak": "keV", "brken": "keV"}
_UCDS = {
    "ampl": "phot.flux.density;em.gamma",
    "epeak": "em.energy;em.gamma",
    "brken": "em.energy;em.gamma",
}


def spectrum_columns() -> Iterator[Column]:
    """Yield the columns of fluence, peak flux, and fits of both spectra."""
    yield from measured(
        "fluence",
        "erg / cm2",
        "phot.fluence;em.gamma",
        "Energy fluence, 10-1000 keV, of the reference model",
        _of_fit(_reference_model, energy_fluence, GBM_BAND_KEV),
    )
    yield from measured(
        "fluence_batse",
        "erg / cm2",
        "phot.fluence;em.gamma",
        "Energy fluence, 50-300 keV, of the reference model",
        _of_fit(_reference_model, energy_fluence, BATSE_BAND_KEV),
    )
    yield from measured(
        "flux_1024",
        "ph / (cm2 s)",
        "phot.flux;em.gamma;stat.max",
        "Photon flux, 10-1000 keV, over the second with the most counts (FERMIGBRST: 1.024 s)",
        _of_fit(_peak_model, photon_flux, GBM_BAND_KEV),
    )
    yield from measured(
        "flux_batse_1024",
        "ph / (cm2 s)",
        "phot.flux;em.gamma;stat.max",
        "Photon flux, 50-300 keV, over the second with the most counts (FERMIGBRST: 1.024 s)",
        _of_fit(_peak_model, photon_flux, BATSE_BAND_KEV),
    )
    yield from _fit_columns("flnc", "the whole burst", _reference)
    yield from _fit_columns("pflx", "the peak", _peak)


def _fit_columns(prefix: str, of: str, chosen: Chosen) -> Iterator[Column]:
    for index, end, ucd in ((0, "start", "time.start"), (1, "stop", "time.end")):
        yield number(
            f"{prefix}_spectrum_{end}",
            "s",
            ucd,
            f"{end.capitalize()} of the spectrum of {of}, seconds after t0",
            _edge(chosen, index),
        )
    yield text(
        f"{prefix}_detectors",
        "meta.id;instr.det",
        f"Detectors of the spectrum of {of}, joined by +",
        lambda e: "+".join(found.detectors) if (found := chosen(e)) else None,
    )
    yield text(
        f"{prefix}_best_fitting_model",
        "meta.code;stat.fit",
        f"Model preferred for {of}; `none fits`: all are poor",
        lambda e: found.preferred if (found := chosen(e)) else None,
    )
    yield text(
        f"{prefix}_statistic",
        "meta.code;stat.fit",
        f"Fit statistic for {of}: pgstat, cstat, wstat or chi2",
        lambda e: found.statistic if (found := chosen(e)) else None,
    )
    for model in _MODELS:
        yield from _model_columns(prefix, of, model, chosen)


def _model_columns(prefix: str, of: str, model: str, chosen: Chosen) -> Iterator[Column]:
    name, parameters = _MODELS[model]
    start = f"{prefix}_{name}"

    def fit(entry: Entry) -> ModelFit | None:
        found = chosen(entry)
        models = () if found is None else found.models
        return next((each for each in models if each.name == model), None)

    for ours, theirs in parameters.items():
        yield from measured(
            f"{start}_{theirs}",
            _UNITS.get(theirs, ""),
            _UCDS.get(theirs, "spect.index;em.gamma"),
            f"{ours.removesuffix('_kev')} of the model {model} for {of}",
            _parameter(fit, ours),
        )
    wide = "10-1000 keV"
    yield from measured(
        f"{start}_phtflux",
        "ph / (cm2 s)",
        "phot.flux;em.gamma",
        f"Mean photon flux, {wide}, of the model {model} for {of}",
        _of_fit(fit, photon_flux, GBM_BAND_KEV),
    )
    yield from measured(
        f"{start}_ergflux",
        "erg / (cm2 s)",
        "phot.flux;em.gamma",
        f"Mean energy flux, {wide}, of the model {model} for {of}",
        _of_fit(fit, energy_flux, GBM_BAND_KEV),
    )
    yield from measured(
        f"{start}_ergflnc",
        "erg / cm2",
        "phot.fluence;em.gamma",
        f"Energy fluence, {wide}, of the model {model} for {of}",
        _of_fit(fit, energy_fluence, GBM_BAND_KEV),
    )
    yield number(
        f"{start}_statistic",
        "",
        "stat.fit.goodness",
        f"Statistic of the model {model} for {of}",
        lambda e: found.statistic_value if (found := fit(e)) else None,
    )
    yield whole(
        f"{start}_dof",
        "stat.fit.dof",
        f"Degrees of freedom of the model {model} for {of}",
        lambda e: found.dof if (found := fit(e)) else None,
    )


def _reference(entry: Entry) -> SpectrumFits | None:
    return next(iter(entry.result.spectra), None)


def _peak(entry: Entry) -> SpectrumFits | None:
    return next((each for each in entry.result.spectra if each.kind == "peak"), None)


def _reference_model(entry: Entry) -> ModelFit | None:
    return _first(_reference(entry))


def _peak_model(entry: Entry) -> ModelFit | None:
    return _first(_peak(entry))


def _first(fits: SpectrumFits | None) -> ModelFit | None:
    return None if fits is None else next(iter(fits.models), None)


def _edge(chosen: Chosen, index: int) -> Callable[[Entry], float | None]:
    return lambda e: found.interval_s[index] if (found := chosen(e)) else None


def _parameter(fit: Fitted, name: str) -> Callable[[Entry], Measurement | None]:
    def of(entry: Entry) -> Measurement | None:
        found = fit(entry)
        known = None if found is None else found.parameters.get(name)
        return None if known is None else known.measurement

    return of


def _of_fit(
    fit: Fitted, read: Callable[[ModelFit, Interval], Measurement], band_kev: Interval
) -> Callable[[Entry], Measurement | None]:
    """Return what reads a value of a fit in a band; None if there is no such fit."""

    def value(entry: Entry) -> Measurement | None:
        found = fit(entry)
        return None if found is None else read(found, band_kev)

    return value
