"""Selects the files of an entry by their content, where no recipe names them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.formats import FileDescription, inspect_file
from eclgrmd.model.names import FileKind

from .case import Reference

__all__ = ["Chosen", "light_curve_files", "spectrum_files"]

_CURVES = (FileKind.EVENTS, FileKind.HISTORY, FileKind.LIGHT_CURVE)
"""Kinds of files with a light curve, the best first."""
_BESIDE_SPECTRUM = (FileKind.BACKGROUND, FileKind.RESPONSE, FileKind.ANCILLARY)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files to analyse together."""

    files: tuple[Path, ...]
    """Paths of all files, responses included."""
    kind: FileKind
    """Kind of the files with the counts."""
    descriptions: tuple[FileDescription, ...]
    """Descriptions of the files with the counts."""


def light_curve_files(reference: Reference, data: Path) -> Chosen | None:
    """Return the light-curve files of one instrument, and all responses.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    described = list(_described(reference["files"], data))
    for kind in _CURVES:
        of_kind = [(path, each) for path, each in described if each.kind is kind]
        if not of_kind:
            continue
        [(instrument, _)] = Counter(each.instrument for _, each in of_kind).most_common(1)
        kept = [(path, each) for path, each in of_kind if each.instrument is instrument]
        responses = [path for path, each in described if each.kind is FileKind.RESPONSE]
        paths = (*(path for path, _ in kept), *responses)
        return Chosen(paths, kind, tuple(each for _, each in kept))
    return None


def spectrum_files(reference: Reference, data: Path) -> Chosen | None:
    """Return the spectra of an entry with their companions, or else its light curves.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    described = list(_described(reference["files"], data))
    spectra = [each for _, each in described if each.kind is FileKind.SPECTRUM]
    if not spectra:
        return light_curve_files(reference, data)
    kinds = {FileKind.SPECTRUM, *_BESIDE_SPECTRUM}
    paths = tuple(path for path, each in described if each.kind in kinds)
    return Chosen(paths, FileKind.SPECTRUM, tuple(spectra))


def _described(names: Iterable[str], data: Path) -> Iterator[tuple[Path, FileDescription]]:
    for name in names:
        path = data / name
        if not path.exists():
            raise FileNotFoundError(f"{name} is missing")
        try:
            yield path, inspect_file(path)
        except InputError:
            continue  # scripts and logs are listed, too
