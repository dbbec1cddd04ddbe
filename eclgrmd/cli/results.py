"""The results below the folders that are named on the command line."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.result import Result
from eclgrmd.model.result.reading import read_result

__all__ = ["find_results"]

_NAME = "result.json"


def find_results(names: Sequence[str], report: Callable[[str], None]) -> list[tuple[Path, Result]]:
    """Read every `result.json` below the folders, sorted by path; a file may be named, too.

    A result of a folder that cannot be read is reported and left out.

    Raises
    ------
    InputError
        If a path does not exist, a named file is no result, or nothing is found.
    """
    found: dict[Path, tuple[Path, Result]] = {}
    for name in names:
        path = Path(name)
        if not path.exists():
            raise InputError(f"{name}: no such file or folder")
        if path.is_file():
            found[path.resolve()] = path.parent, _read(path)
            continue
        for each in _below(path):
            try:
                found.setdefault(each.resolve(), (each.parent, _read(each)))
            except InputError as error:
                report(f"left out: {error}")
    if not found:
        raise InputError(f"no {_NAME} that can be read below {', '.join(names)}")
    return list(found.values())


def _below(folder: Path) -> Iterator[Path]:
    """Yield the results below a folder; hidden folders are those of runs that have not ended."""
    for each in sorted(folder.rglob(_NAME)):
        if not any(part.startswith(".") for part in each.relative_to(folder).parts):
            yield each


def _read(path: Path) -> Result:
    try:
        return read_result(path.read_bytes(), what=str(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
