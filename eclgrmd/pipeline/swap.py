"""Replacement of the products in a folder: even a kill leaves no mixture of two runs."""

import ctypes
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from eclgrmd.errors import InputError

from .deposit import sync_folder
from .task_log import LOG_NAME

__all__ = ["FAILED_LOG_NAME", "RESULT_NAME", "UNFINISHED", "finish_swap", "products_of", "swap"]

RESULT_NAME = "result.json"
"""Name of the product that marks a folder as the output of a complete run."""
FAILED_LOG_NAME = "task.failed.log"
"""Name of the log of a failed run beside the products of an earlier one."""
UNFINISHED = ".eclgrmd-run-"
"""Prefix of the hidden folder of a run, within the folder of products."""
_COMPLETE = ".eclgrmd-complete"
"""Name of the hidden folder of a complete run whose products are moved one by one."""
_SIBLING = ".eclgrmd-swap-"
"""Part of the name of a folder beside the folder of products, with which that is exchanged."""
_AT_CWD = -100
"""AT_FDCWD of Linux's fcntl.h: paths are relative to the working directory."""
_RENAME_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's fs.h: exchange two paths atomically."""


def swap(new: Path, output: Path) -> None:
    """Replace the products in `output` by those in `new`, a hidden folder within it.

    If possible, the whole folder is exchanged atomically: at any moment it holds one run or the
    other. This is not done if the file system cannot, if the folder contains other folders, or if
    it is the working directory of a process. Then `result.json` is removed first, the other
    earlier products next, and the new ones are moved with their `result.json` last; after a kill,
    `finish_swap` completes this.

    Raises
    ------
    InputError
        If a folder has the name of a product.
    OSError
        If the folder cannot be written.
    """
    made = {path.name for path in new.iterdir()}
    for name in sorted(made):
        if (output / name).is_dir():
            raise InputError(
                f"{output / name} is a folder: a product needs that name, move it away"
            )
    if not _exchanged(new, output, made):
        new.rename(output / _COMPLETE)
        sync_folder(output)
        finish_swap(output)


def finish_swap(output: Path) -> None:
    """Finish the swap of a killed run, and remove its temporary folders; `output` is locked.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    if (output / _COMPLETE).is_dir():
        _move(output / _COMPLETE, output)
    for folder in output.glob(f"{UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in output.parent.glob(f"{glob.escape(_sibling_prefix(output))}*"):
        _discard(folder, output)


def _move(complete: Path, output: Path) -> None:
    made = {path.name for path in complete.iterdir()}
    # The log moves first: as long as it is here, the one in `output` is the earlier run's.
    earlier = products_of(output / LOG_NAME) if LOG_NAME in made else set()
    for name in sorted(earlier | made, key=lambda name: (name != RESULT_NAME, name == LOG_NAME)):
        if not (output / name).is_dir():
            (output / name).unlink(missing_ok=True)
    for name in sorted(made, key=lambda name: (name != LOG_NAME, name == RESULT_NAME)):
        (complete / name).rename(output / name)
    (output / FAILED_LOG_NAME).unlink(missing_ok=True)
    complete.rmdir()
    sync_folder(output)


def _exchanged(new: Path, output: Path, made: set[str]) -> bool:
    """Exchange the folder for one with the new products; return False if it stays as it was."""
    ours = products_of(output / LOG_NAME) | made | {LOG_NAME, FAILED_LOG_NAME, new.name}
    others = [path for path in output.iterdir() if path.name not in ours]
    if _is_working_directory(output) or any(_is_folder(path) for path in others):
        return False
    sibling = None
    try:
        sibling = Path(tempfile.mkdtemp(prefix=_sibling_prefix(output), dir=output.parent))
        for path in [*new.iterdir(), *others]:
            os.link(path, sibling / path.name, follow_symlinks=False)
        shutil.copystat(output, sibling)
        if _owner(sibling) == _owner(output) and _exchange(sibling, output):
            sync_folder(output.parent)
            _discard(sibling, output)
            return True
    except OSError:
        # Expected: the parent folder is not writable, or the file system lacks links, or the
        # folder is a mount point. The products are then moved one by one.
        pass
    if sibling is not None:
        shutil.rmtree(sibling, ignore_errors=True)
    return False


def _exchange(one: Path, other: Path) -> bool:
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    sync_folder(one)
    paths = os.fsencode(one), os.fsencode(other)
    status: int = renameat2(_AT_CWD, paths[0], _AT_CWD, paths[1], _RENAME_EXCHANGE)
    return status == 0


def _discard(sibling: Path, output: Path) -> None:
    """Remove the other folder of an exchange; files that others just put there are kept."""
    if any(sibling.glob(f"{UNFINISHED}*")):  # the exchange took place: this is the earlier run
        ours = products_of(sibling / LOG_NAME) | {LOG_NAME, FAILED_LOG_NAME}
        for path in sibling.iterdir():
            is_ours = path.name in ours or path.name.startswith(UNFINISHED)
            if not is_ours and not os.path.lexists(output / path.name):
                path.rename(output / path.name)
    shutil.rmtree(sibling, ignore_errors=True)


def _is_working_directory(folder: Path) -> bool:
    """Return whether a folder is a mount point, or the working directory of a visible process."""
    own = _identity(folder)
    return os.path.ismount(folder) or any(own == each for each in _working_directories())


def _working_directories() -> Iterator[tuple[int, int]]:
    for link in (Path(), *Path("/proc").glob("[0-9]*/cwd")):
        with suppress(OSError):  # the process ended meanwhile, or belongs to another user
            yield _identity(link)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _owner(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _sibling_prefix(output: Path) -> str:
    return f".{output.name}{_SIBLING}"


def products_of(log: Path) -> set[str]:
    """Return the names of the products that the log of a run lists, ignoring paths."""
    try:
        lines = [msgspec.json.decode(line) for line in log.read_bytes().splitlines()]
    except (OSError, msgspec.DecodeError):
        return set()
    names = {
        str(line.get("name", ""))
        for line in lines
        if isinstance(line, dict) and line.get("event") == "product written"
    }
    return {name for name in names if name and name == Path(name).name and name[0] != "."}
