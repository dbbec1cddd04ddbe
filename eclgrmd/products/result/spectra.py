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

from .chances import goodness_of, posterior_of, ratio_of, rest_frame_of
from .numbers import EstimateLike, finite, interval, measurement

__all__ = ["flux_of", "spectrum_fits_of"]


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
        preferred=found.preferred_name,
        area_groups=found.area_groups,
    )


def _model(fit: SpectralFit) -> ModelFit:
    comparison = fit.comparison
    return ModelFit(
        name=fit.name,
        preferred=fit.preferred,
        statistic_value=finite(fit.statistic_value),
        dof=int(fit.dof),
        parameters={parameter.name: _parameter(parameter) for parameter in fit.parameters},
        flux=tuple(flux_of(flux) for flux in fit.fluxes),
        fluence_erg=tuple(_fluence(f, f.energy_erg) for f in fit.fluences),
        fluence_photon=tuple(_fluence(f, f.photon) for f in fit.fluences),
        flags=fit.flags,
        reason=fit.reason,
        aic=None if comparison is None else finite(comparison.aic),
        bic=None if comparison is None else finite(comparison.bic),
        area={detector: _parameter(constant) for detector, constant in fit.area.items()},
        likelihood_ratios=tuple(ratio_of(ratio) for ratio in fit.likelihood_ratios),
        goodness=None if fit.goodness is None else goodness_of(fit.goodness),
        rest_frame=tuple(rest_frame_of(frame) for frame in fit.rest_frame),
        covariance=tuple(tuple(row) for row in fit.covariance.tolist()),
        posterior=None if fit.posterior is None else posterior_of(fit.posterior),
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
        err_symmetric=finite(found.err_symmetric),
    )


def flux_of(found: FluxValue) -> Flux:
    """State the photon and energy flux in one band."""
    return Flux(
        band_kev=interval(found.band_kev),
        photon=measurement(found.photon),
        energy_erg=measurement(found.energy_erg),
    )


def _fluence(found: FluenceValue, estimate: EstimateLike) -> Fluence:
    value = measurement(estimate)
    return Fluence(
        band_kev=interval(found.band_kev),
        value=value.value,
        err_minus=value.err_minus,
        err_plus=value.err_plus,
    )
