"""Groups of spectra that share an effective-area constant in a joint fit."""

from collections.abc import Sequence

from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.names import MISSIONS
from eclgrmd.model.observation import Spectrum

__all__ = ["area_groups", "detectors_by_group"]


def area_groups(spectra: Sequence[Spectrum], choice: SpectralChoice) -> tuple[str, ...]:
    """Return the area group of each spectrum, in the same order.

    By default each mission is a group: calibrations of different missions differ by about ten
    percent, those of detectors of one mission by less. Spectra of an unknown mission are assigned
    to the mission of the others if these all have the same one.
    """
    missions = [spectrum.mission or MISSIONS.get(spectrum.instrument, "") for spectrum in spectra]
    known = set(missions) - {""}
    if len(known) == 1:
        missions = [*known] * len(spectra)
    return tuple(_group(s, mission, choice) for s, mission in zip(spectra, missions, strict=True))


def detectors_by_group(
    spectra: Sequence[Spectrum], groups: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """Return the detectors of each group, the reference group first; empty for a single group."""
    members: dict[str, dict[str, None]] = {}
    for spectrum, group in zip(spectra, groups, strict=True):
        members.setdefault(group, {})[spectrum.detector] = None
    return tuple(tuple(names) for names in members.values()) if len(members) > 1 else ()


def _group(spectrum: Spectrum, mission: str, choice: SpectralChoice) -> str:
    names = {spectrum.detector, str(spectrum.instrument), mission}
    tied = next((group for group in choice.area_groups if names & set(group)), None)
    if tied is not None:
        return "+".join(tied)
    if choice.area_correction is None:
        return mission
    return spectrum.detector if choice.area_correction else ""
