"""Durations of a burst: T90 and T50 of its counts and of its photons."""

from typing import Any

from msgspec import Struct

from eclgrmd.model.flags import FlagText
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement

from .character import Character

__all__ = ["NO_WIDTH", "Duration", "PhotonFluence", "Width"]


class Width(Struct, frozen=True):
    """A duration: the time between two fractions of the fluence."""

    value_s: float | None
    """Width, seconds; None: nothing significant."""
    err_minus_s: float | None
    """1-sigma (68.3 %) error downwards, positive, seconds."""
    err_plus_s: float | None
    """1-sigma (68.3 %) error upwards, positive, seconds."""
    start_s: float | None
    """When the lower fraction is reached, seconds after t0."""
    stop_s: float | None
    """When the upper fraction is reached, seconds after t0."""
    start_err_minus_s: float | None = None
    """1-sigma error of `start_s` downwards, positive, seconds."""
    start_err_plus_s: float | None = None
    """1-sigma error of `start_s` upwards, positive, seconds."""
    stop_err_minus_s: float | None = None
    """1-sigma error of `stop_s` downwards, positive, seconds."""
    stop_err_plus_s: float | None = None
    """1-sigma error of `stop_s` upwards, positive, seconds."""
    interval95_s: Interval | None = None
    """Central 95.4 % interval of the width, seconds."""
    koshut_error_s: float | None = None
    """Analytic 1-sigma error after Koshut et al. 1996, beside the bootstrap's, seconds."""
    background_error_s: float | None = None
    """Part of the 1-sigma error that the uncertainty of the background causes, seconds."""

    @property
    def measurement(self) -> Measurement:
        """Width with its 1-sigma errors, seconds."""
        return Measurement(self.value_s, self.err_minus_s, self.err_plus_s)


NO_WIDTH = Width(None, None, None, None, None)
"""The width of a burst that is not significant."""


class PhotonFluence(Struct, frozen=True):
    """Durations of the photons: counts deconvolved by time-resolved spectral fits."""

    band_kev: Interval
    """Energies of the photons, keV."""
    model: str
    """Photon model fitted in each interval."""
    t90: Width
    """Time between 5 % and 95 % of the photons."""
    t50: Width
    """Time between 25 % and 75 % of the photons."""
    fluence: Measurement
    """Photons/cm2 in the band, between the plateaus."""
    intervals_s: tuple[float, ...]
    """Edges of the intervals whose spectra were fitted, seconds after t0."""
    photons_per_count: tuple[float, ...]
    """Photons/cm2 in the band for each net count, by interval."""
    relative_errors: tuple[float | None, ...]
    """1-sigma relative errors of `photons_per_count`; None: not finite."""
    flags: tuple[FlagText, ...] = ()
    """What is doubtful about these values."""


class Duration(Struct, frozen=True):
    """T90 and T50 of one instrument in one band."""

    instrument: str
    """Value of INSTRUME: ECL, GRM, GBM, ...; ECLGRM for ECLAIRs and GRM together."""
    detectors: tuple[str, ...]
    """Detectors whose counts were summed."""
    band_kev: Interval | None
    """Outer edges of the channels that were counted, keV; None: not known, and a flag says so."""
    method: str
    """Method of the measurement in a few words."""
    t90: Width
    """Time between 5 % and 95 % of the net counts."""
    t50: Width
    """Time between 25 % and 75 % of the net counts."""
    flags: tuple[FlagText, ...]
    """What is doubtful about these values."""
    t100_s: Interval | None = None
    """Interval over which the fluence is counted, seconds after t0; None: nothing significant."""
    net_counts: Measurement | None = None
    """Counts of the burst between the plateaus, background subtracted."""
    significance: float | None = None
    """Significance over `t100_s` in sigma: Poisson source, Gaussian background (Vianello 2018)."""
    blocks_s: tuple[float, ...] = ()
    """Edges of the Bayesian blocks, seconds after t0."""
    background: dict[str, Any] = {}
    """Background fit of the summed band: intervals, order (null: a smooth curve with knots), the
    probabilities of its roughness, coefficients and goodness of the fit; empty: the light curve
    came background-subtracted."""
    upper_limit_counts: float | None = None
    """3-sigma upper limit to the net counts where nothing is significant, counts."""
    slow_counts_limit: float | None = None
    """2-sigma upper limit to the counts of emission that decays slowly (4 to 64 s) after `t100_s`
    and that no block shows; None: nothing significant, or background on one side only."""
    slow_chance: float | None = None
    """Probability that there is such emission, if it follows one burst in ten; None: as above."""
    character: Character | None = None
    """Other properties of the light curve; None: nothing significant, or not asked for."""
    t90_inside_t100: Width | None = None
    """T90 of the counts between the first and the last block only, without the tails that no block
    shows: the definition of Swift's battblocks and its catalogue; None: nothing significant, or a
    quick look while packets come."""
    t50_inside_t100: Width | None = None
    """T50 of the same counts; None: as for T90."""
    t90_between_plateaus: Width | None = None
    """T90 of all counts between the background intervals on both sides: the definition of the BATSE
    catalogue (Koshut et al. 1996); None: nothing significant, no background on one side, or a quick
    look while packets come."""
    t50_between_plateaus: Width | None = None
    """T50 of the same counts; None: as for T90."""
    photon_fluence: PhotonFluence | None = None
    """Durations as the Fermi-GBM catalogue defines them; None: no response, or not asked for."""
    searched_s: Interval | None = None
    """Interval that was searched for the burst, seconds after t0."""
