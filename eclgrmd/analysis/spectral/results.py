"""Results of the spectral analysis, with the spectra and curves that products need.

Times are seconds after t0. An unknown value is None, never NaN, and a flag gives the reason.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import FlagCode, FlagText, has_flag
from eclgrmd.model.observation import Floats, Spectrum
from eclgrmd.model.result import ModelFit, Posterior, SpectrumFits

__all__ = ["IntervalFits", "NuFnu", "PosteriorSamples", "SpectralAnalysis", "SpectralFit"]


@dataclass(frozen=True, slots=True, eq=False)
class NuFnu:
    """The spectral energy distribution E^2 N(E) of a fit, with its 1-sigma band."""

    energy_kev: Floats
    """Energies, keV, increasing, shape (k,)."""
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
    """The fit of one photon model to one interval, with folded counts and spectral curve."""

    posterior: PosteriorSamples | None = None
    """Posterior with its samples; None if not requested."""
    folded: tuple[Floats, ...]
    """Expected source counts in each channel of each spectrum, shape (channels,) each."""
    nufnu: NuFnu | None
    """Spectral energy distribution; None if not computed."""

    @property
    def poor_fit(self) -> bool:
        """True if the model does not fit."""
        return has_flag(self.flags, FlagCode.POOR_FIT)

    @property
    def rank(self) -> float:
        """BIC, by which models are compared; infinite if there is none."""
        return math.inf if self.bic is None else self.bic


class IntervalFits(SpectrumFits, frozen=True, eq=False, kw_only=True):
    """The fits of all models to one interval, with the fitted spectra."""

    models: tuple[SpectralFit, ...]
    """Fits, the reference model first."""
    spectra: tuple[Spectrum, ...]
    """One per detector; a spectrum that cannot be fitted is left out with a flag."""
    used: tuple[NDArray[np.bool_], ...]
    """Mask of the fitted channels of each spectrum, shape (channels,) each."""

    @property
    def best(self) -> SpectralFit:
        """Fit of the preferred model, or else the one with the lowest BIC; raises without fits."""
        preferred = next((fit for fit in self.models if fit.preferred), None)
        return preferred or min(self.models, key=lambda fit: fit.rank)


@dataclass(frozen=True, slots=True, eq=False)
class SpectralAnalysis:
    """The fits of all intervals of a burst."""

    intervals: tuple[IntervalFits, ...] = ()
    """Intervals in configured order, the reference first, then ready-made spectra."""
    flags: tuple[FlagText, ...] = ()
    """Intervals that do not exist or have no fit, and intervals that no model fits."""
