"""Composition of `result.json`: burst, durations, spectra and provenance."""

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version

from eclgrmd import __version__
from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.derived.evolution import evolution_of
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.result import BurstTime, Input, Process, Result

from .encoding import published

__all__ = ["UNITS", "result_of", "software_versions"]

LIBRARIES = ("astropy", "emcee", "iminuit", "matplotlib", "msgspec", "numba", "numpy", "scipy")
"""Libraries whose versions are reported."""

_UNKNOWN = Process()

UNITS = {
    "burst.t0": "ISO-8601 UTC",
    "burst.t0_met_s": "s in the mission's own time",
    "*.start_s, *.stop_s, *.interval_s, *.t100_s, *.blocks_s, *.intervals_s, slews_s": "s after t0",
    "durations.searched_s": "s after t0",
    "*.value_s, *.err_minus_s, *.err_plus_s, *.interval95_s, *.exposure_s": "s",
    "*.band_kev, *.energy_kev": "keV",
    "durations.net_counts, durations.*_counts_limit, durations.upper_limit_counts": "counts",
    "durations.photon_fluence.fluence": "photons/cm2",
    "durations.photon_fluence.photons_per_count": "photons/cm2",
    "durations.significance": "sigma",
    "durations.character.*_counts, durations.character.count_fluence": "counts",
    "durations.character.*.rate_counts_per_s, *.bias_counts_per_s": "counts/s",
    "durations.character.*.lag_s, *.scale_s, *.upper_limit_s, *.detected_s, *.bin_s": "s",
    "durations.character.*.sigma, *.best_sigma": "sigma",
    "durations.background.coefficients": "counts/s times x**k and max(x - knot, 0), "
    "x = (t - origin_s) / unit_s",
    "spectra.models.parameters": "as each one's `unit` says",
    "spectra.models.flux.photon": "photons/cm2/s",
    "spectra.models.flux.energy_erg": "erg/cm2/s",
    "spectra.models.fluence_erg": "erg/cm2",
    "spectra.models.fluence_photon": "photons/cm2",
    "spectra.models.covariance": "products of the parameters' units",
    "spectra.models.rest_frame.eiso_erg": "erg",
    "spectra.models.rest_frame.liso_erg_s": "erg/s",
    "spectra.models.rest_frame.epeak_kev, evolution.epeak_kev": "keV",
    "spectra.models.posterior.parameters": "as those of `spectra.models.parameters`",
}
"""Units of the fields, by path."""


def result_of(
    analysis: BurstAnalysis,
    configuration: TaskConfiguration,
    inputs: Iterable[Input],
    process: Process = _UNKNOWN,
) -> Result:
    """Return the document of an analysis.

    Parameters
    ----------
    analysis
        Results of the analysis.
    configuration
        Task configuration.
    inputs
        Input files with their checksums.
    process
        How the result was made; its flags go before the others.
    """
    observation, temporal, spectral = analysis.observation, analysis.temporal, analysis.spectral
    intervals = () if spectral is None else spectral.intervals
    flags = (
        *observation.flags,
        *analysis.flags,
        *(() if temporal is None else temporal.flags),
        *(() if spectral is None else spectral.flags),
    )
    result = Result(
        burst=BurstTime(observation.burst_id, observation.t0_utc or None, observation.t0_met_s),
        durations=() if temporal is None else temporal.durations,
        combined=None if temporal is None else temporal.combined,
        spectra=intervals,
        evolution=evolution_of(intervals),
        flags=(*process.flags, *dict.fromkeys(flags)),
        slews_s=() if temporal is None else temporal.slews_s,
        units=UNITS,
        inputs=tuple(inputs),
        configuration=configuration,
        software=software_versions(),
        process=process,
    )
    return published(result, Result)


def software_versions() -> dict[str, str]:
    """Return the versions of the software that makes a result, by name."""
    return {
        "eclgrmd": __version__,
        "python": platform.python_version(),
        **{library: _installed(library) for library in LIBRARIES},
    }


@cache  # each look-up parses a file
def _installed(library: str) -> str:
    return version(library)
