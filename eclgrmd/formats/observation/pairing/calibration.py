"""Files that spectra can be paired with, and the search for those of a spectrum."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eclgrmd.formats.fits.identity import stem_of
from eclgrmd.formats.fits.reference import Reference, find_named
from eclgrmd.formats.read.pha import PhaSpectrum
from eclgrmd.formats.read.response import Area, Matrix
from eclgrmd.formats.read.summed import summed_response
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Response

__all__ = [
    "Calibration",
    "Matrices",
    "Pairing",
    "candidates",
    "files_by_name",
    "identities_of",
    "is_same_detector",
]


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """The matrices of one response file."""

    matrices: tuple[Matrix, ...]
    """All matrices, in the order of the file."""
    redistribution_only: bool
    """Whether an effective area must still be applied."""

    @property
    def responses(self) -> tuple[Response, ...]:
        """The matrices with a time of validity, and the sum of the others for each detector."""
        timed = [m.response for m in self.matrices if m.timed]
        timeless: dict[str, list[Response]] = {}
        for m in self.matrices:
            if not m.timed:
                timeless.setdefault(m.response.detector, []).append(m.response)
        return (*timed, *(summed_response(parts) for parts in timeless.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Everything that spectra can be paired with, by file."""

    backgrounds: Mapping[Path, tuple[PhaSpectrum, ...]]
    """Background spectra."""
    responses: Mapping[Path, Matrices]
    """Response matrices."""
    areas: Mapping[Path, tuple[Area, ...]]
    """Effective areas."""


@dataclass(slots=True, eq=False)
class Pairing:
    """A spectrum that is being paired; the steps of pairing restrict it and collect flags."""

    spectrum: PhaSpectrum
    """The spectrum, restricted to the channels that it shares with its response."""
    calibration: Calibration
    """Everything that it can be paired with."""
    flags: list[Flag] = field(default_factory=list)
    """Flags so far."""


def candidates(
    pairing: Pairing,
    key: str,
    named: Reference | None,
    identities: Mapping[Path, Sequence[tuple[Instrument, str]]],
    sizes: Mapping[Path, int],
) -> Sequence[tuple[Path, Reference | None]]:
    """Return the best file for a spectrum with the reference into it, or nothing.

    Parameters
    ----------
    pairing
        The spectrum.
    key
        Keyword that names the file, for flags.
    named
        Reference in that keyword; None: it names no file.
    identities
        Instrument and detector of the parts of each file.
    sizes
        Number of channels of each file.
    """
    if named is not None:
        found = find_named(named, files_by_name(identities, pairing.spectrum.path))
        if found is not None:
            return [found]
    same = [path for path, those in identities.items() if _is_of(pairing, those)]
    same = [path for path in same if sizes[path] == len(pairing.spectrum.counts)] or same
    if len(same) > 1:
        stem = stem_of(pairing.spectrum.path_name)
        same = [path for path in same if stem_of(path.name) == stem] or same
    if named is not None:
        instead = f": {same[0].name} taken" if same else ": give it or put it beside"
        is_response = key == "RESPFILE"
        pairing.flags.append(
            Flag(
                FlagCode.RESPONSE_FILE_MISSING if is_response else FlagCode.NAMED_FILE_MISSING,
                detail=f"{key} names {named.literal}, which was not found{instead}",
            )
        )
    return [(path, None) for path in same[:1]]


def _is_of(pairing: Pairing, identities: Sequence[tuple[Instrument, str]]) -> bool:
    return any(is_same_detector(pairing.spectrum, *identity) for identity in identities)


def identities_of(
    parts: Sequence[Response] | Sequence[PhaSpectrum],
) -> tuple[tuple[Instrument, str], ...]:
    """Return instrument and detector of each part."""
    return tuple((part.instrument, part.detector) for part in parts)


def files_by_name(paths: Iterable[Path], source: Path) -> dict[str, Path]:
    """Return files by name; of several with one name, the one in the folder of the source."""
    ordered = sorted(paths, key=lambda path: path.parent == source.parent)
    return {path.name: path for path in ordered}


def is_same_detector(spectrum: PhaSpectrum, instrument: Instrument, detector: str) -> bool:
    """Return whether a spectrum is of a detector; an unknown instrument may be any."""
    unknown = Instrument.OTHER in {instrument, spectrum.instrument}
    return detector == spectrum.detector and (unknown or instrument == spectrum.instrument)
