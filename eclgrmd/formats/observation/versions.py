"""Choice of the highest version of each file."""

from collections.abc import Sequence
from pathlib import Path

from eclgrmd.formats.fits.identity import unversioned
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import FILE_VERSION

__all__ = ["newest"]


def newest(paths: Sequence[Path]) -> tuple[list[Path], list[Flag]]:
    """Return the paths without repetitions and lower versions, and a flag for each lower version.

    The version is `_vNN` in the file name, by the mission's convention; headers need not have it.
    """
    best: dict[str, Path] = {}
    flags = []
    for path in dict.fromkeys(paths):
        key = unversioned(path) if _version(path) is not None else str(path)
        other = best.get(key)
        if other is None or _version(path) == _version(other):
            best[key if other is None else str(path)] = path
            continue
        low, high = sorted((path, other), key=lambda p: _version(p) or 0)
        best[key] = high
        flags.append(Flag(FlagCode.SUPERSEDED, subject=low.name, detail=high.name))
    return list(best.values()), flags


def _version(path: Path) -> int | None:
    match = FILE_VERSION.search(path.name)
    return int(match[1]) if match else None
