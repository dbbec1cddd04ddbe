"""The configuration of analyses of which only few values are used."""

from msgspec.structs import replace

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.interval import Interval

__all__ = ["reduced"]


def reduced(
    choice: TaskConfiguration,
    *,
    flux_bands_kev: tuple[Interval, ...] = (),
    bootstrap: int | None = None,
) -> TaskConfiguration:
    """Return a configuration without what durations and the first fit do not depend on.

    Parameters
    ----------
    choice
        The configuration.
    flux_bands_kev
        Bands in which fluxes are wanted.
    bootstrap
        Replicas of the durations; None: as configured.
    """
    own = choice.duration
    return replace(
        choice,
        duration=replace(
            own,
            character=False,
            photon_fluence=False,
            combined=False,
            bootstrap=own.bootstrap if bootstrap is None else bootstrap,
        ),
        spectral=replace(
            choice.spectral,
            flux_bands_kev=flux_bands_kev,
            models=choice.spectral.models[:1],
            intervals=choice.spectral.intervals[:1],
            goodness_spectra=0,
            posterior_samples=0,
        ),
    )
