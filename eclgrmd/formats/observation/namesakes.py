"""Renaming of detectors that have the same name in two missions or instruments."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument

from .contents import Contents

__all__ = ["with_unique_detectors"]

_Owner = tuple[str, str, Instrument]
"""Mission and maker of an unknown instrument, and the instrument."""


def with_unique_detectors(
    contents: Mapping[Path, Contents],
) -> tuple[dict[Path, Contents], list[Flag]]:
    """Rename detectors that share their name with one of another instrument, since names are keys.

    A detector of a known instrument keeps its name. Others get the mission as a prefix, or mission
    and instrument if a mission has the name twice.

    Returns
    -------
    tuple
        The contents with unique detector names, and a flag for each renamed detector.
    """
    owners: dict[str, set[_Owner]] = {}
    for part in contents.values():
        for detector, owner in _data(part):
            owners.setdefault(detector, set()).add(owner)
    shared = {name: found for name, found in owners.items() if len(found) > 1}
    flags: dict[Flag, None] = {}
    renamed = {path: _renamed(part, shared, flags) for path, part in contents.items()}
    return renamed, list(flags)


def _data(part: Contents) -> Iterator[tuple[str, _Owner]]:
    """Yield detector and owner of all data whose owner is known."""
    named = [(e.detector, e.instrument) for e in part.events]
    named += [(h.detector, h.instrument) for h in part.histories]
    named += [(d, c.instrument) for c in part.light_curves for d in c.detectors]
    named += [(s.detector, s.instrument) for s in part.spectra]
    for detector, instrument in named:
        if instrument is not Instrument.OTHER:
            yield detector, ("", "", instrument)
        elif part.maker:
            yield detector, (part.mission, part.maker, instrument)


def _renamed(
    part: Contents, shared: Mapping[str, set[_Owner]], flags: dict[Flag, None]
) -> Contents:
    def name(detector: str, instrument: Instrument) -> str:
        if detector not in shared or instrument is not Instrument.OTHER or not part.mission:
            return detector
        alone = sum(mission == part.mission for mission, _, _ in shared[detector]) < 2
        owner = part.mission if alone else part.maker
        new = f"{re.sub(r'[^A-Za-z0-9]+', '-', owner)}-{detector}"
        flags[Flag(FlagCode.RENAMED, subject=new, detail=f"{detector} of {owner}")] = None
        return new

    matrices = part.matrices
    if matrices is not None:
        each = (
            replace(m, response=replace(m.response, detector=name(r.detector, r.instrument)))
            for m in matrices.matrices
            for r in (m.response,)
        )
        matrices = replace(matrices, matrices=tuple(each))
    return replace(
        part,
        events=tuple(replace(e, detector=name(e.detector, e.instrument)) for e in part.events),
        histories=tuple(
            replace(h, detector=name(h.detector, h.instrument)) for h in part.histories
        ),
        light_curves=tuple(
            replace(c, detectors=tuple(name(d, c.instrument) for d in c.detectors))
            for c in part.light_curves
        ),
        spectra=tuple(replace(s, detector=name(s.detector, s.instrument)) for s in part.spectra),
        matrices=matrices,
    )
