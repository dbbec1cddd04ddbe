"""What the user named on the command line, as files that the pipeline takes."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.formats.inspect import inspect_file
from eclgrmd.model.pipeline import PipelineFile

__all__ = ["Inputs", "find_files"]

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to analyse, and what they say of the burst."""

    files: tuple[PipelineFile, ...]
    object_name: str
    """Burst that the first file with a name names; may be empty."""


def find_files(names: Iterable[str], tell: Tell) -> Inputs:
    """Recognise every file named, and those in every folder named.

    A file that was named must be good; in a folder, what is no data file is told and left out.

    Raises
    ------
    InputError
        When a file is not there or not understood (each bad one is told before), or none is left.
    """
    found: dict[Path, tuple[PipelineFile, str]] = {}
    bad = 0
    for path in map(Path, names):
        for each in _members(path):
            try:
                found.setdefault(each.resolve(), _recognise(each))
            except InputError as error:
                tell(f"left out: {error}" if path.is_dir() else str(error))
                bad += not path.is_dir()
    if bad:
        raise InputError(f"{bad} of the files named cannot be used")
    if not found:
        raise InputError(f"no data file in {', '.join(names)}")
    files, objects = zip(*found.values(), strict=True)
    return Inputs(files, next(filter(None, objects), ""))


def _members(path: Path) -> list[Path]:
    """List a folder's own files in the order of their names; a file is its own member."""
    if not path.is_dir():
        return [path]
    return sorted(
        each for each in path.iterdir() if each.is_file() and not each.name.startswith(".")
    )


def _recognise(path: Path) -> tuple[PipelineFile, str]:
    if not path.exists():
        raise InputError(f"{path}: no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    description = inspect_file(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return PipelineFile(str(path), path.name, sha256, description.kind), description.object_name
