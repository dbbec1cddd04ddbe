"""Functions of ingest that run in worker processes; the daemon itself never imports numerics."""

import errno
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.errors import InputError, MachineError
from eclgrmd.machine import machine_error
from eclgrmd.model.quicklook.notice import Notice

__all__ = ["inspect", "read_notice", "warm_up"]

_DELAY_S = 30.0
"""Time before an inspection is retried that failed for lack of a resource."""
_LEAST_ROOM = 10_000_000
"""Bytes that may always be written, even to a full disk: a smaller limit would break log files."""
_MOST_OF_DISK = 0.9
"""Share of a disk. A file that needs more than so much free space can never be unpacked there:
cleaning would not help."""


def inspect(path: str, name: str, reserve_bytes: int = 0) -> dict[str, Any]:
    """Recognise a file by its headers; return its description as plain values.

    Parameters
    ----------
    path
        The file, under any name.
    name
        Its original name, under which it is read: where headers are silent, the name decides about
        the detector and whether the file is a background.
    reserve_bytes
        Free space, bytes, that unpacking must leave on the disk that holds the file.

    Raises
    ------
    InputError
        If the file is unreadable, of an unknown kind, or can never be unpacked here.
    MachineError
        If the machine lacks a resource: disk space, descriptors, the folder for temporary files.
    """
    from eclgrmd.formats import inspect_file

    with (
        _machine_errors(name),
        _bounded_room(Path(path), name, reserve_bytes),
        tempfile.TemporaryDirectory(prefix="eclgrmd-inspect-") as folder,
    ):
        named = Path(folder) / name
        named.symlink_to(Path(path).resolve())
        try:
            description: dict[str, Any] = msgspec.to_builtins(inspect_file(named))
        except InputError as error:
            if not Path(path).exists():
                raise MachineError(f"{name}: the file store lost it ({path})") from error
            raise InputError(str(error).replace(str(named), name)) from error
    return description


@contextmanager
def _bounded_room(path: Path, name: str, reserve_bytes: int) -> Iterator[None]:
    """Limit the size of unpacked files to the free space of the disk without its reserve."""
    folder = Path(tempfile.gettempdir())
    usage = shutil.disk_usage(folder)
    kept = reserve_bytes if folder.stat().st_dev == path.stat().st_dev else 0
    room, most = max(usage.free - kept, _LEAST_ROOM), max(usage.total - kept, 0)
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = room if hard == resource.RLIM_INFINITY else min(room, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    except (OSError, MachineError) as error:
        if _is_no_room(error) and room >= _MOST_OF_DISK * most:
            raise InputError(
                f"{name}: unpacks to more than {room} bytes; the disk of {folder}, with "
                f"{usage.total} bytes, can never hold it"
            ) from error
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


def _is_no_room(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None and error.errno in {errno.EFBIG, errno.ENOSPC}


@contextmanager
def _machine_errors(name: str) -> Iterator[None]:
    """Raise every error of the operating system as MachineError: it does not discredit the file."""
    try:
        yield
    except OSError as error:
        known = machine_error(error)
        reason = f"{error.strerror or error} ({error.filename})" if known is None else known
        raise MachineError(
            f"{name} could not be inspected, nothing is wrong with it: {reason}", delay_s=_DELAY_S
        ) from error
    except MachineError as error:
        raise MachineError(
            f"{name} could not be inspected, nothing is wrong with it: {error}", delay_s=_DELAY_S
        ) from error


def read_notice(payload: bytes) -> Notice:
    """Read a notice, which anybody may have sent.

    Raises
    ------
    InputError
        With what is wrong.
    """
    from eclgrmd.formats.notices.voevent import read_notice

    return read_notice(payload)


def warm_up() -> None:
    """Import the readers, so that the first file does not wait for the imports."""
    import eclgrmd.formats  # noqa: F401 - imported for its side effect: it takes a second
