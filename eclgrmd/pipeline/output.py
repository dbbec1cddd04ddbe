"""The output folder of a user: a run replaces the products of an earlier one as a whole."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eclgrmd.errors import EclgrmdError, InputError

from .deposit import disk_errors
from .swap import FAILED_LOG_NAME, RESULT_NAME, UNFINISHED, finish_swap, swap
from .task_log import LOG_NAME

__all__ = ["FAILED_LOG_NAME", "whole_output"]

_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP})
"""Errors of a file system without locks."""


@contextmanager
def whole_output(output: Path) -> Iterator[Path]:
    """Yield a hidden folder to write products into, and move them to `output` at the end.

    The products of an earlier run in `output`, which its log names, are replaced as a whole; other
    files stay. A swap that was interrupted by a kill is finished first. A run that fails leaves
    the earlier products as they were, and its log as `task.failed.log` (as `task.log` in a folder
    without an earlier run). A run that is killed leaves the earlier products, too.

    Raises
    ------
    InputError
        If another run is writing into the folder.
    TransientError
        If the folder cannot be written.
    """
    with disk_errors():
        output.mkdir(parents=True, exist_ok=True)
        output = output.resolve()
    with _locked(output):
        with disk_errors():
            finish_swap(output)
            folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=output))
        try:
            try:
                yield folder
            except EclgrmdError as error:
                _keep_log(folder, output, error)
                raise
            with disk_errors():
                swap(folder, output)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(output: Path) -> Iterator[None]:
    with disk_errors():
        descriptor = os.open(output, os.O_RDONLY | os.O_DIRECTORY)
    try:
        busy = f"{output}: another run is writing into this folder: wait, or name another one"
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(busy) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        if not _is_still(descriptor, output):
            raise InputError(busy)
        yield
    finally:
        os.close(descriptor)


def _is_still(descriptor: int, output: Path) -> bool:
    """Return whether a path still leads to the opened folder: another run may have swapped it."""
    try:
        return os.path.samestat(os.fstat(descriptor), output.stat())
    except FileNotFoundError:
        return False


def _keep_log(folder: Path, output: Path, error: EclgrmdError) -> None:
    """Keep the log of a failed run, and add its path to the error."""
    log = folder / LOG_NAME
    if not log.exists():
        return
    kept = output / (FAILED_LOG_NAME if (output / RESULT_NAME).exists() else LOG_NAME)
    with disk_errors():
        log.replace(kept)
    if not isinstance(error, InputError):
        error.add_note(f"the log is {kept}")
