"""Detection of files with the same data under different names."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats, History, LightCurve

from .contents import Contents

__all__ = ["without_duplicates"]

LEAST_VALUES = 16
"""Fewer values in two files may be equal by chance."""


def without_duplicates(
    contents: Mapping[Path, Contents],
) -> tuple[dict[Path, Contents], list[Flag]]:
    """Return the contents of all files without data that another file has too, and flags."""
    first: dict[bytes, Path] = {}
    kept: dict[Path, Contents] = {}
    flags = []
    for path, part in contents.items():
        mark = _mark(part)
        original = path if mark is None else first.setdefault(mark, path)
        kept[path] = part
        if original != path:
            kept[path] = replace(part, events=(), histories=(), light_curves=())
            flags.append(Flag(FlagCode.SAME_DATA, subject=path.name, detail=original.name))
    return kept, flags


def _mark(part: Contents) -> bytes | None:
    """Return a checksum of all times and counts of a file; None: too few values."""
    arrays: list[Floats] = [e.time_s for e in part.events]
    arrays += [e.channel.astype(float) for e in part.events]
    binned: list[History | LightCurve] = [*part.histories, *part.light_curves]
    for series in binned:
        arrays += [series.start_s, series.counts]
    if sum(array.size for array in arrays) < 2 * LEAST_VALUES:
        return None
    mark = sha256(str([array.shape for array in arrays]).encode())
    for array in arrays:
        mark.update(array.tobytes())
    return mark.digest()
