"""The folder of products that a user named: a run replaces the one before as a whole."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from eclgrmd.errors import EclgrmdError, InputError

from .deposit import disk_errors, sync_folder
from .task_log import LOG_NAME

__all__ = ["FAILED_LOG_NAME", "whole_output"]

FAILED_LOG_NAME = "task.failed.log"
_UNFINISHED = ".eclgrmd-run-"
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP})
"""What a file system without locks answers."""


@contextmanager
def whole_output(output: Path) -> Iterator[Path]:
    """Yield a hidden folder to write products into; they appear in `output` when all are there.

    What an earlier run left in `output`, as its log tells, is replaced as a whole; files of others
    stay. A run that fails or is killed leaves the earlier products as they were, and its log as
    `task.failed.log` (as `task.log` in a folder without an earlier run).

    Raises
    ------
    InputError
        When another run is writing into the folder.
    TransientError
        When the folder cannot be written.
    """
    with disk_errors():
        output.mkdir(parents=True, exist_ok=True)
    with _locked(output):
        with disk_errors():
            _forget_killed_runs(output)
            folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=output))
        try:
            try:
                yield folder
            except EclgrmdError as error:
                _keep_log(folder, output, error)
                raise
            with disk_errors():
                _replace(folder, output)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(output: Path) -> Iterator[None]:
    with disk_errors():
        descriptor = os.open(output, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{output}: another run is writing into this folder: wait, or name another one"
            ) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        yield
    finally:
        os.close(descriptor)


def _forget_killed_runs(output: Path) -> None:
    for folder in output.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _replace(folder: Path, output: Path) -> None:
    """Move the new products into place, then remove those that only the earlier run had."""
    earlier = _products_of(output / LOG_NAME)
    made = sorted(path.name for path in folder.iterdir())
    for name in made:
        (folder / name).replace(output / name)
    for name in earlier - set(made):
        if (output / name).is_file():
            (output / name).unlink()
    (output / FAILED_LOG_NAME).unlink(missing_ok=True)
    sync_folder(output)


def _products_of(log: Path) -> set[str]:
    """Return the names of the products that the log of a run tells, nothing outside its folder."""
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


def _keep_log(folder: Path, output: Path, error: EclgrmdError) -> None:
    """Keep the log of a run that failed, and say where it is."""
    log = folder / LOG_NAME
    if not log.exists():
        return
    kept = output / (FAILED_LOG_NAME if (output / "result.json").exists() else LOG_NAME)
    with disk_errors():
        log.replace(kept)
    if not isinstance(error, InputError):
        error.add_note(f"what happened is told in {kept}")
