"""References: what was published of each burst, and which files it was found in."""

from pathlib import Path

import msgspec

from .case import Reference

__all__ = ["ReferencesError", "read_references"]


class ReferencesError(Exception):
    """A file of references cannot be used; the text says what is wrong in it."""


def read_references(path: Path) -> list[Reference]:
    """Read a file of references.

    Raises
    ------
    ReferencesError
        If it is missing, no JSON, or no list of entries with `id` and `files`.
    """
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[Reference])
    except OSError as error:
        raise ReferencesError(f"{path}: {error.strerror}: give --references FILE") from error
    except msgspec.DecodeError as error:
        raise ReferencesError(f"{path}: {error}: must be a JSON list of objects") from error
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry.get("id"), str) or not _names(entry.get("files")):
            raise ReferencesError(
                f"{path}: entry {number} must have an id and a list of files, as paths in the data"
            )
    return entries


def _names(files: object) -> bool:
    return isinstance(files, list) and all(isinstance(name, str) for name in files)
