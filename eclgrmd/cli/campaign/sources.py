"""The bursts of a campaign: folders of files, lists of folders, or seeds of a simulation."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.campaign import Item
from eclgrmd.model.names import identifier_from
from eclgrmd.offline.inputs import find_files

__all__ = ["burst_folders", "campaign_items", "items_of_folders", "seeds_of"]

_SEEDS = re.compile(r"(\d+)(?::(\d+))?")


def burst_folders(paths: Sequence[str], lists: Sequence[Path]) -> list[Path]:
    """Return the folders with the files of one burst each, sorted within each path.

    A named folder is that of a burst if it has files itself; otherwise those below it are. A list
    names one folder on each line.

    Raises
    ------
    InputError
        If a path is no folder, or a list cannot be read.
    """
    named = [(Path(path), f"{path}") for path in paths]
    for each in lists:
        try:
            lines = each.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"--list {each}: cannot be read: {error}") from error
        named += [
            (each.parent / line.strip(), f"{each}, line {number}: {line.strip()}")
            for number, line in enumerate(lines, 1)
            if line.strip() and not line.startswith("#")
        ]
    found: dict[Path, None] = {}
    for path, what in named:
        if not path.is_dir():
            raise InputError(f"{what}: no such folder: must be a folder with the files of bursts")
        found |= dict.fromkeys(_below(path))
    return list(found)


def items_of_folders(folders: Sequence[Path], report: Callable[[str], None]) -> Iterator[Item]:
    """Yield the burst of each folder; one without any file of a burst is reported and left out."""
    for folder in folders:
        try:
            inputs = find_files([str(folder)], report)
        except InputError as error:
            report(f"left out: {error}")
            continue
        name = identifier_from(inputs.object_name) or identifier_from(folder.name) or "burst"
        yield Item(name, inputs.files)


def seeds_of(text: str) -> range:
    """Return the seeds from A to before B of `A:B`, or those below N of `N`.

    Raises
    ------
    InputError
        If the text has another form.
    """
    found = _SEEDS.fullmatch(text)
    if found is None:
        raise InputError(f"--seeds {text!r}: must be N, or A:B for the seeds A to B - 1")
    first, last = found.groups()
    return range(int(first)) if last is None else range(int(first), int(last))


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if any(not name.startswith(".") for name in files):
            yield Path(place).absolute()


def campaign_items(
    folders: tuple[str, ...], lists: tuple[Path, ...], make: str | None, seeds: str | None
) -> Iterable[Item]:
    """Return the bursts that the arguments of `campaign submit` name.

    Raises
    ------
    InputError
        If they name none, or contradict each other.
    """
    from eclgrmd.campaign.software import source_sha256
    from eclgrmd.campaign.submitting import made_items
    from eclgrmd.campaign.work import maker

    if make is not None:
        if folders or lists:
            raise InputError("--make simulates bursts: no folders can be named beside it")
        if seeds is None:
            raise InputError("--make needs --seeds")
        maker(make)
        return made_items(make, source_sha256(make), seeds_of(seeds))
    if seeds is not None:
        raise InputError("--seeds is only for --make")
    if not folders and not lists:
        raise InputError("no bursts: name folders with their files, --list or --make")
    return items_of_folders(burst_folders(folders, lists), _report)


def _report(text: str) -> None:
    sys.stderr.write(f"{text}\n")
