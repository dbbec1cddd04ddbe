"""What the user named on the command line, as files that the pipeline takes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file
from eclgrmd.model.pipeline import PipelineFile
from eclgrmd.model.plain_text import valid_text

__all__ = ["Inputs", "find_files"]

MOST_TOLD = 3
"""Files left out of a folder that are named, before they are only counted."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to analyse, and what they say of the burst."""

    files: tuple[PipelineFile, ...]
    object_name: str
    """Burst that the first file with a name names; may be empty."""


def find_files(names: Sequence[str], tell: Callable[[str], None]) -> Inputs:
    """Recognise every file named, and those in every folder named.

    A file that was named must be good. In a folder, what is no data file is left out and told.

    Raises
    ------
    InputError
        A line for each file that is not there or not understood; or when none is left.
    """
    found: dict[Path, tuple[PipelineFile, str]] = {}
    wrong: list[str] = []
    for path in map(Path, names):
        left_out: list[str] = []
        for each in _members(path):
            try:
                found.setdefault(each.resolve(), _recognise(each))
            except InputError as error:
                (left_out if path.is_dir() else wrong).append(str(error))
        if left_out:
            tell(_left_out(path, left_out))
    if wrong:
        raise InputError("\n".join(wrong))
    if not found:
        raise InputError(f"no data file in {', '.join(names)}")
    files, objects = zip(*found.values(), strict=True)
    return Inputs(files, next(filter(None, objects), ""))


def _left_out(folder: Path, reasons: list[str]) -> str:
    shown = "; ".join(reasons[:MOST_TOLD])
    more = len(reasons) - MOST_TOLD
    return f"left out of {folder}: {shown}{f'; and {more} more' if more > 0 else ''}"


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
    name = valid_text(path.name)
    return PipelineFile(str(path), name, sha256, description.kind), description.object_name
