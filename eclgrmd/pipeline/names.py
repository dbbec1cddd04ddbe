"""Input files under their original names, which contain versions and pair files with each other."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eclgrmd.errors import InputError, brief
from eclgrmd.model.pipeline import PipelineFile

__all__ = ["check_file_name", "named_paths"]

_MOST_BYTES = 255
"""Longest file name of the usual Linux file systems (NAME_MAX)."""


def check_file_name(name: str) -> None:
    """Check that a name is that of a file within a folder, and not a path.

    Raises
    ------
    InputError
        If it is not.
    """
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= _MOST_BYTES or "/" in name or "\0" in name or name in {".", ".."}:
        raise InputError(
            f"input {brief(name)!r}: must be a file name: no path, at most {_MOST_BYTES} bytes"
        )


@contextmanager
def named_paths(files: Sequence[PipelineFile]) -> Iterator[list[Path]]:
    """Yield a path for each file that ends with its original name, a symbolic link if necessary.

    Raises
    ------
    InputError
        If a file is missing or has an invalid name.
    """
    for file in files:
        check_file_name(file.name)
        if not Path(file.path).is_file():
            raise InputError(f"{file.name}: no such file: {file.path}")
    with tempfile.TemporaryDirectory(prefix="eclgrmd-inputs-") as folder:
        yield [_named(file, Path(folder)) for file in files]


def _named(file: PipelineFile, folder: Path) -> Path:
    path = Path(file.path)
    if path.name == file.name:
        return path
    link = folder / file.name
    link.symlink_to(path.resolve())
    return link
