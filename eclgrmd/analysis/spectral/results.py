"""Results of the spectral analysis, with the spectra and curves that products need.

Times are seconds after t0. A value that is not known is None, and a flag says why; no NaN.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import POOR_FIT
from eclgrmd.model.observation import Floats, Spectrum
from eclgrmd.model.result import ModelFit, Posterior, SpectrumFits

__all__ = ["IntervalFits", "NuFnu", "PosteriorSamples", "SpectralAnalysis", "SpectralFit"]


@dataclass(frozen=True, slots=True, eq=False)
class NuFnu:
    """The spectral energy distribution E^2 N(E) of a fit, with its 1-sigma butterfly."""

    energy_kev: Floats
    """Energies, keV, rising, shape (k,)."""
    value_erg: Floats
    """E^2 N(E), erg/cm2/s, shape (k,)."""
    low_erg: Floats
    """Lower edge of the 1-sigma band, erg/cm2/s, shape (k,)."""
    high_erg: Floats
    """Upper edge of the 1-sigma band, erg/cm2/s, shape (k,)."""


class PosteriorSamples(Posterior, frozen=True, eq=False, kw_only=True):
    """The posterior of a fit with its samples."""

    chain: Floats
    """Samples of the parameters, in the order of `parameters`, shape (n, p)."""


class SpectralFit(ModelFit, frozen=True, eq=False, kw_only=True):
    """One photon model fitted to one interval, with its folded counts and its curve."""

    posterior: PosteriorSamples | None = None
    """Posterior with its samples; None: not asked for."""
    folded: tuple[Floats, ...]
    """Source counts expected in each spectrum, without background, shape (channels,)."""
    nufnu: NuFnu | None
    """Spectral energy distribution; None: not drawn."""

    @property
    def poor_fit(self) -> str:
        """The flag of a poor fit, with its statistic; empty where the fit is good."""
        return next((flag for flag in self.flags if flag.startswith(POOR_FIT)), "")

    @property
    def rank(self) -> float:
        """BIC by which models are compared; infinite where there is none."""
        return math.inf if self.bic is None else self.bic


class IntervalFits(SpectrumFits, frozen=True, eq=False, kw_only=True):
    """All models fitted to one interval, with the spectra that were fitted."""

    models: tuple[SpectralFit, ...]
    """Fits, the reference model first."""
    spectra: tuple[Spectrum, ...]
    """One per detector; a spectrum that could not be used is left out and flagged."""
    used: tuple[NDArray[np.bool_], ...]
    """Channels that took part in the fit, one array per spectrum, shape (channels,)."""

    @property
    def best(self) -> SpectralFit:
        """The preferred model, else the one of lowest BIC; there must be a fit."""
        preferred = next((fit for fit in self.models if fit.preferred), None)
        return preferred or min(self.models, key=lambda fit: fit.rank)


@dataclass(frozen=True, slots=True, eq=False)
class SpectralAnalysis:
    """Fits of every interval of a burst."""

    intervals: tuple[IntervalFits, ...] = ()
    """The reference interval first; blocks follow in order of time."""
    flags: tuple[str, ...] = ()
    """Intervals that could not be had, and fits that are poor."""
