"""What ingest has done in a worker process; numerics are imported there, never in the daemon."""

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
_LEAST_ROOM = 10_000_000
"""Bytes: logs and the like are written even to a full disk."""
_NEARLY_ALL = 0.9
"""Share of a disk's room that is never had to hope for more than."""


def inspect(path: str, name: str, reserve_bytes: int = 0) -> dict[str, Any]:
    """Recognise a file by its headers; give its description as plain values.

    Where headers are silent, a file's own name tells its detector and whether it is a background,
    so it is read under that name.

    Parameters
    ----------
    reserve_bytes
        What is left free of the disk that holds the file, when it is unpacked there.

    Raises
    ------
    InputError
        When it is not a readable file of a kind that is known, or can never be unpacked here.
    MachineError
        When the machine lacks something: room, descriptors, the folder for passing files.
    """
    from eclgrmd.formats import inspect_file

    with (
        _troubles_of_the_machine(name),
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
    """Keep what is unpacked out of the disk's reserve."""
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
        if _is_no_room(error) and room >= _NEARLY_ALL * most:
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
def _troubles_of_the_machine(name: str) -> Iterator[None]:
    """Return what the machine lacks from what is wrong with a file."""
    try:
        yield
    except OSError as error:
        trouble = machine_error(error)
        reason = f"{error.strerror or error} ({error.filename})" if trouble is None else trouble
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
    """Import the readers, so that the first file need not wait for them."""
    import eclgrmd.formats  # noqa: F401 - the import is what is wanted
