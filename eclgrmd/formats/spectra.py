"""Make the ready-made spectra of an observation from the contents of all files."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.observation import Spectrum

from .contents import Contents
from .pairing import Calibration, pair
from .pha import PhaSpectrum

__all__ = ["named_files", "pair_spectra"]

KONUS_PHA1_CHANNELS = 63


def named_files(contents: Mapping[Path, Contents]) -> list[Path]:
    """Return the files that spectra name, that were not given and that stand beside them."""
    given = {path.name for path in contents}
    beside = {
        path.parent / reference.name: None
        for path, part in contents.items()
        for spectrum in part.spectra
        for reference in (spectrum.response, spectrum.background, spectrum.ancillary)
        if reference is not None and reference.name not in given
    }
    return [path for path in beside if path.is_file()]


def pair_spectra(
    contents: Mapping[Path, Contents],
) -> tuple[tuple[Spectrum, ...], frozenset[str], list[str]]:
    """Pair all source spectra; return them, the response files used, and flags.

    A file that another one names as its background is one, whatever its own header says. Of two
    spectra of a detector with the same counts (grouped and not), the grouped one is kept.
    """
    named = {
        spectrum.background.name
        for part in contents.values()
        for spectrum in part.spectra
        if spectrum.background is not None and part.kind is FileKind.SPECTRUM
    }
    calibration = Calibration(
        {
            path.name: part.spectra
            for path, part in contents.items()
            if part.spectra and (part.kind is FileKind.BACKGROUND or path.name in named)
        },
        {path.name: part.matrices for path, part in contents.items() if part.matrices},
        {path.name: part.area for path, part in contents.items() if part.area},
    )
    sources = [
        spectrum
        for path, part in contents.items()
        if part.kind is FileKind.SPECTRUM and path.name not in calibration.backgrounds
        for spectrum in part.spectra
    ]
    kept, flags = _without_twins(sources)
    paired = [pair(spectrum, calibration) for spectrum in kept]
    spectra = tuple(_named(spectrum) for spectrum, _ in paired)
    return spectra, frozenset(name for _, name in paired if name), flags


def _without_twins(spectra: list[PhaSpectrum]) -> tuple[list[PhaSpectrum], list[str]]:
    best: dict[tuple[str, str, bytes], PhaSpectrum] = {}
    flags = []
    for spectrum in spectra:
        key = (spectrum.instrument, spectrum.detector, spectrum.counts.round(1).tobytes())
        other = best.get(key)
        if other is None or other.path_name == spectrum.path_name:
            best[key if other is None else (*key[:2], str(len(best)).encode())] = spectrum
            continue
        grouped = spectrum if other.grouping is None else other
        ungrouped = other if grouped is spectrum else spectrum
        best[key] = grouped
        flags.append(f"left out: {ungrouped.path_name} has the same counts as {grouped.path_name}")
    return list(best.values()), flags


def _named(spectrum: Spectrum) -> Spectrum:
    """Tell the two analysers of a Konus detector apart: each has its channels and its response."""
    if spectrum.instrument is not Instrument.KONUS:
        return spectrum
    analyser = 1 if len(spectrum.counts) == KONUS_PHA1_CHANNELS else 2
    return replace(spectrum, detector=f"{spectrum.detector}-PHA{analyser}")
