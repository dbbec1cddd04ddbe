"""What ingest has done in a worker process; numerics are imported there, never in the daemon."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.model.notice import Notice

__all__ = ["inspect", "read_alert", "warm_up"]


def inspect(path: str, name: str) -> dict[str, Any]:
    """Recognise a file by its headers; give its description as plain values.

    Where headers are silent, a file's own name tells its detector and whether it is a background,
    so it is read under that name.

    Raises
    ------
    InputError
        When it is not a readable file of a kind that is known.
    """
    from eclgrmd.errors import InputError
    from eclgrmd.formats import inspect_file

    with tempfile.TemporaryDirectory(prefix="eclgrmd-inspect-") as folder:
        named = Path(folder) / name
        named.symlink_to(Path(path).resolve())
        try:
            description: dict[str, Any] = msgspec.to_builtins(inspect_file(named))
        except InputError as error:
            raise InputError(str(error).replace(str(named), name)) from error
    return description


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
