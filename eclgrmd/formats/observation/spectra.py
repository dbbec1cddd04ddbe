"""Selection and pairing of the spectra that came as files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from eclgrmd.formats.fits.reference import Reference, find_named
from eclgrmd.formats.read.pha import PhaSpectrum
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Spectrum

from .contents import Contents
from .pairing.background import key_of
from .pairing.calibration import Calibration
from .pairing.pair import pair

__all__ = ["named_files", "pair_spectra"]

KONUS_PHA1_CHANNELS = 63
"""Number of channels of the first of the two pulse-height analysers of a Konus-Wind detector."""


def named_files(contents: Mapping[Path, Contents]) -> list[Path]:
    """Return files that spectra name and that are in their folder but not among the inputs."""
    inputs = {path.name: path for path in contents}
    found_files: dict[Path, None] = {}
    for path, part in contents.items():
        there: dict[str, Path] | None = None
        for spectrum in part.spectra:
            for reference in (spectrum.response, spectrum.background, spectrum.ancillary):
                if reference is None or find_named(reference, inputs):
                    continue
                there = there or {p.name: p for p in path.parent.iterdir() if p.is_file()}
                if found := find_named(reference, there):
                    found_files[found[0]] = None
    return list(found_files)


def pair_spectra(
    contents: Mapping[Path, Contents],
) -> tuple[tuple[Spectrum, ...], frozenset[Path], list[Flag]]:
    """Pair all source spectra; return them, the response files that were used, and flags.

    A spectrum that another one names as its background is a background, whatever its own header
    says. If two spectra of a detector have the same counts, the grouped one is kept.
    """
    every = [spectrum for part in contents.values() for spectrum in part.spectra]
    backgrounds = _backgrounds(every)
    calibration = Calibration(
        {path: tuple(rows) for path, rows in groupby(backgrounds, key=lambda s: s.path)},
        {path: part.matrices for path, part in contents.items() if part.matrices},
        {path: part.areas for path, part in contents.items() if part.areas},
    )
    background_keys = {key_of(spectrum) for spectrum in backgrounds}
    kept, flags = _without_duplicates([s for s in every if key_of(s) not in background_keys])
    paired = [pair(spectrum, calibration) for spectrum in kept]
    spectra = _with_unique_names([_with_analyser(spectrum) for spectrum, _ in paired])
    return spectra, frozenset(path for _, path in paired if path is not None), flags


def _backgrounds(spectra: Sequence[PhaSpectrum]) -> list[PhaSpectrum]:
    """Return the spectra that are backgrounds, by their headers or because others name them."""
    paths = {spectrum.path.name: spectrum.path for spectrum in spectra}
    named = set()
    for spectrum in spectra:
        if spectrum.is_background or spectrum.background is None:
            continue
        found = find_named(spectrum.background, paths)
        if found is not None:
            named |= {key_of(s) for s in spectra if _is_named(s, spectrum, *found)}
    return [s for s in spectra if s.is_background or key_of(s) in named]


def _is_named(other: PhaSpectrum, source: PhaSpectrum, path: Path, named: Reference) -> bool:
    """Return whether a source names this spectrum as its background."""
    if other.path != path or key_of(other) == key_of(source):
        return False
    if not named.points and named.row is None:
        return other.path != source.path
    return named.chooses(other.extension) and named.row in {None, other.row}


def _without_duplicates(spectra: list[PhaSpectrum]) -> tuple[list[PhaSpectrum], list[Flag]]:
    best: dict[tuple[str, str, bytes], PhaSpectrum] = {}
    flags = []
    for spectrum in spectra:
        detector = f"{spectrum.mission} {spectrum.detector}"
        key = (spectrum.instrument, detector, spectrum.counts.round(1).tobytes())
        other = best.get(key)
        if other is None or other.path_name == spectrum.path_name:
            best[key if other is None else (*key[:2], str(len(best)).encode())] = spectrum
            continue
        grouped = spectrum if other.grouping is None else other
        ungrouped = other if grouped is spectrum else spectrum
        best[key] = grouped
        flags.append(
            Flag(FlagCode.SAME_COUNTS, subject=ungrouped.path_name, detail=grouped.path_name)
        )
    return list(best.values()), flags


def _with_analyser(spectrum: Spectrum) -> Spectrum:
    """Append the analyser to the name of a Konus detector: each has its channels and response."""
    if spectrum.instrument is not Instrument.KONUS:
        return spectrum
    analyser = 1 if len(spectrum.counts) == KONUS_PHA1_CHANNELS else 2
    return replace(spectrum, detector=f"{spectrum.detector}-PHA{analyser}")


def _with_unique_names(spectra: Sequence[Spectrum]) -> tuple[Spectrum, ...]:
    """Prefix the names of detectors that two missions share with the mission or instrument."""
    owners: dict[str, set[tuple[Instrument, str]]] = {}
    for s in spectra:
        owners.setdefault(s.detector, set()).add((s.instrument, s.mission))
    return tuple(
        replace(s, detector=f"{s.mission or s.instrument}-{s.detector}")
        if len(owners[s.detector]) > 1
        else s
        for s in spectra
    )
