"""Data of several missions: what their different places in space leave uncertain."""

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import MISSIONS
from eclgrmd.model.observation import Observation

__all__ = ["light_travel_flags"]

_LOW_ORBITS_S = 0.05
"""Light travel between two low orbits around the Earth, seconds: at most 2 x 7,000 km."""
_WIND_S = 7.0
"""Light travel between the Earth and Wind, seconds: at most about 2 million km."""


def light_travel_flags(observation: Observation) -> list[Flag]:
    """Return a flag that names the missions of the data, if there are several.

    Their times are on one scale (UTC), without a correction for the time that light takes from one
    satellite to the other: that needs their positions and that of the burst.
    """
    found = {MISSIONS.get(instrument, "") for instrument, _ in observation.detectors}
    found |= {spectrum.mission for spectrum in observation.spectra}
    missions = sorted(found - {""})
    if len(missions) < 2:
        return []
    most_s = _WIND_S if "WIND" in missions else _LOW_ORBITS_S
    detail = f"{', '.join(missions[:-1])} and {missions[-1]} (up to {most_s:g} s)"
    return [Flag(FlagCode.LIGHT_TRAVEL, detail=detail)]
