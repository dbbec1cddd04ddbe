"""Reading of `result.json`."""

from contextlib import suppress

import msgspec
from msgspec import Struct, structs

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json

from .document import Result

__all__ = ["read_result"]

_SCHEMA = next(each.default for each in structs.fields(Result) if each.name == "schema")
"""Name and version of the form that is read."""


class _Head(Struct, frozen=True):
    schema: str = ""


def read_result(content: bytes, *, what: str) -> Result:
    """Read the content of a `result.json`.

    Parameters
    ----------
    content
        The file's bytes.
    what
        Name of the file, for errors.

    Raises
    ------
    InputError
        When it is of another version, or no result.
    """
    schema = ""
    with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
        schema = msgspec.json.decode(content, type=_Head).schema
    if schema.startswith("eclgrmd.result/") and schema != _SCHEMA:
        raise InputError(
            f"{what}: schema is {schema!r}: must be {_SCHEMA!r}, analyse the data again with this "
            "version"
        )
    return decode_json(content, Result, what=f"{what}: no result of eclgrmd")
