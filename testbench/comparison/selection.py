"""Excludes what a published fit excluded: marks bad bins in copies of the files."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from .case import Case, Selection

__all__ = ["selected_files"]

BAD = 5
"""QUALITY of a channel that the user calls bad (OGIP 92-007)."""


def selected_files(case: Case, folder: Path) -> list[Path]:
    """Return the files of a case; if bins are excluded, as copies in `folder`.

    A spectrum names files of its folder, so the copy is accompanied by links to all of them.
    """
    if not case.selections:
        return list(case.files)
    for origin in {file.parent for file in case.files}:
        for member in origin.iterdir():
            if member.is_file() and member.name not in case.selections:
                (folder / member.name).symlink_to(member.resolve())
    for file in case.files:
        if file.name in case.selections:
            shutil.copyfile(file, folder / file.name)
            _mark(folder / file.name, case.selections[file.name])
    return [folder / file.name for file in case.files]


def _mark(path: Path, selection: Selection) -> None:
    with fits.open(path, mode="update") as file:
        index = file.index_of("SPECTRUM")
        table = file[index]
        quality = _quality(table, selection)
        dropped = {"QUALITY"} if selection.systematic else {"QUALITY", "SYS_ERR"}
        columns = [column for column in table.columns if column.name not in dropped]
        width = "" if quality.ndim == 1 else str(quality.shape[1])
        columns.append(fits.Column(name="QUALITY", format=f"{width}I", array=quality))
        header = table.header.copy()
        for name in dropped:
            header.remove(name, ignore_missing=True)
        file[index] = fits.BinTableHDU.from_columns(fits.ColDefs(columns), header=header)


def _quality(table: fits.BinTableHDU, selection: Selection) -> NDArray[np.int16]:
    """Return QUALITY per channel: that of the file, and bad for excluded bins."""
    channels = np.asarray(table.data["CHANNEL"])
    quality = np.zeros(channels.shape, dtype=np.int16)
    if "QUALITY" in table.columns.names:
        quality += table.data["QUALITY"].astype(np.int16)
    quality[..., _left_out(_bins(table, channels.shape[-1]), selection.ignored)] = BAD
    return quality


def _bins(table: fits.BinTableHDU, channels: int) -> NDArray[np.intp]:
    """Return the number of each channel's bin, from 1: its group, or itself."""
    if "GROUPING" not in table.columns.names:
        return np.arange(1, channels + 1)
    return np.cumsum(np.asarray(table.data["GROUPING"]) == 1)


def _left_out(bins: NDArray[np.intp], ranges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    left_out = np.zeros(len(bins), dtype=bool)
    for first, last in ranges:
        left_out |= (bins >= first) & (bins <= last)
    return left_out
