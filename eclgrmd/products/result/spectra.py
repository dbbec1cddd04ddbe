"""Spectral fits, as the contract has them."""

from typing import Literal, cast

from eclgrmd.analysis.spectral.results import (
    FittedParameter,
    FluenceValue,
    FluxValue,
    IntervalFits,
    SpectralFit,
)
from eclgrmd.model.result import Fluence, Flux, ModelFit, Parameter, SpectrumFits

from .numbers import finite, interval, measurement

__all__ = ["spectrum_fits_of"]


def spectrum_fits_of(found: IntervalFits) -> SpectrumFits:
    """State all models fitted to one interval."""
    detectors = tuple(spectrum.detector for spectrum in found.spectra)
    return SpectrumFits(
        interval_s=interval(found.interval_s),
        kind=found.kind,
        detectors=detectors,
        statistic=cast("Literal['pgstat', 'cstat', 'wstat', 'chi2']", found.statistic),
        models=tuple(_model(fit) for fit in found.fits),
        energy_kev={detector: interval(band) for detector, band in found.energy_kev.items()},
        exposure_s={spectrum.detector: float(spectrum.exposure_s) for spectrum in found.spectra},
        statistics=dict(zip(detectors, found.statistics, strict=True)),
        flags=found.flags,
    )


def _model(fit: SpectralFit) -> ModelFit:
    comparison = fit.comparison
    return ModelFit(
        name=fit.name,
        preferred=fit.preferred,
        statistic_value=finite(fit.statistic_value),
        dof=int(fit.dof),
        parameters={parameter.name: _parameter(parameter) for parameter in fit.parameters},
        flux=tuple(_flux(flux) for flux in fit.fluxes),
        fluence_erg=tuple(_fluence(fluence) for fluence in fit.fluences),
        flags=fit.flags,
        reason=fit.reason,
        aic=None if comparison is None else finite(comparison.aic),
        bic=None if comparison is None else finite(comparison.bic),
        area={detector: _parameter(constant) for detector, constant in fit.area.items()},
    )


def _parameter(found: FittedParameter) -> Parameter:
    return Parameter(
        value=finite(found.value),
        err_minus=finite(found.err_minus),
        err_plus=finite(found.err_plus),
        free=bool(found.free),
        unit=found.unit,
        at_limit=bool(found.at_limit),
        err_minus_90=finite(found.err_minus_90),
        err_plus_90=finite(found.err_plus_90),
    )


def _flux(found: FluxValue) -> Flux:
    return Flux(
        band_kev=interval(found.band_kev),
        photon=measurement(found.photon),
        energy_erg=measurement(found.energy_erg),
    )


def _fluence(found: FluenceValue) -> Fluence:
    energy = measurement(found.energy_erg)
    return Fluence(
        band_kev=interval(found.band_kev),
        value=energy.value,
        err_minus=energy.err_minus,
        err_plus=energy.err_plus,
    )
