"""Input files under their own names, wherever they lie: names tell versions, and pair files."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.pipeline import PipelineFile

__all__ = ["named_paths"]


@contextmanager
def named_paths(files: Sequence[PipelineFile]) -> Iterator[list[Path]]:
    """Give a path for each file whose last part is its name; links stand in where it is not.

    Raises
    ------
    InputError
        When a file is not there.
    """
    for file in files:
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
