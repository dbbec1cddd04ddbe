"""What ingest has done in a worker process; numerics are imported there, never in the daemon."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.errors import MachineError
from eclgrmd.machine import machine_trouble
from eclgrmd.model.notice import Notice

__all__ = ["inspect", "read_alert", "warm_up"]

_DELAY_S = 30.0


def inspect(path: str, name: str) -> dict[str, Any]:
    """Recognise a file by its headers; give its description as plain values.

    Where headers are silent, a file's own name tells its detector and whether it is a background,
    so it is read under that name.

    Raises
    ------
    InputError
        When it is not a readable file of a kind that is known.
    MachineError
        When the machine lacks something: room, descriptors, the folder for passing files.
    """
    from eclgrmd.errors import InputError
    from eclgrmd.formats import inspect_file

    with (
        _troubles_of_the_machine(name),
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
def _troubles_of_the_machine(name: str) -> Iterator[None]:
    """Return what the machine lacks from what is wrong with a file."""
    try:
        yield
    except OSError as error:
        trouble = machine_trouble(error)
        reason = f"{error.strerror or error} ({error.filename})" if trouble is None else trouble
        raise MachineError(
            f"{name} could not be inspected, nothing is wrong with it: {reason}", delay_s=_DELAY_S
        ) from error
    except MachineError as error:
        raise MachineError(
            f"{name} could not be inspected, nothing is wrong with it: {error}", delay_s=_DELAY_S
        ) from error


def read_alert(payload: bytes) -> Notice:
    """Read a notice, which anybody may have sent.

    Raises
    ------
    InputError
        With what is wrong.
    """
    from eclgrmd.formats.voevent import read_notice

    return read_notice(payload)


def warm_up() -> None:
    """Import the readers, so that the first file need not wait for them."""
    import eclgrmd.formats  # noqa: F401 - the import is what is wanted
