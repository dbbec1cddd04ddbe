"""The right answer of each case: the table `expectations.toml`, decoded."""

from pathlib import Path

import msgspec
from msgspec import Struct

__all__ = ["Check", "Expectations", "NoticeRun", "Run", "read_expectations"]

_TABLE = Path(__file__).with_name("expectations.toml")

Value = float | str | list[float | str]


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """A value of `result.json` and what it must be."""

    of: str
    """Short name (see `values.NAMES`) or path of the value in the result."""
    value: Value | None = None
    """The right value. None: only the limits below count; without limits it must be null."""
    within: float = 0.0
    """Largest absolute difference that is right."""
    sigma: float | None = None
    """Largest difference in our own 1-sigma errors, added to `within` in quadrature."""
    least: float | None = None
    """Smallest right value. None: no limit."""
    most: float | None = None
    """Largest right value. None: no limit."""


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    """A run of `eclgrmd analyze` and its right result."""

    case: str
    """Name of the case's folder."""
    kind: str
    """Kind of problem of which this is an example."""
    source: str
    """Source of the right value."""
    files: list[str]
    """Input files: paths or patterns, relative to the folder, in order."""
    arguments: list[str] = []
    """More arguments of the command."""
    copies: dict[str, str] = {}
    """Files to create in the folder first: new name, original."""
    make: bool = False
    """Whether `make.py` must run first, because its output cannot be stored."""
    open_files: int | None = None
    """Limit of open files. None: that of the machine."""
    environment: dict[str, str] = {}
    """Environment variables to set."""
    right: list[Check] = []
    """The result is right if all of these hold."""
    alternatives: list[list[Check]] = []
    """Other sets of checks; the result is also right if all of one set hold."""
    flags: list[str] = []
    """Regular expressions; each must match a flag of a right result."""
    no_flags: list[str] = []
    """Regular expressions that no flag may match."""
    told: list[str] = []
    """Regular expressions; with a matching flag any result is `plainly told`."""
    refusal: list[str] = []
    """Regular expressions; a refusal (exit status 2) that matches one is `plainly told`."""
    ahead: str = ""
    """Issue that will mend this; until then a wrong result is `not yet`."""


class NoticeRun(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice and the right values of its fields."""

    file: str
    """File name in the folder of notices."""
    kind: str
    """Kind of problem of which this is an example."""
    right: list[dict[str, str | float]] = []
    """Sets of fields of the notice or its detection, each of which is right. "null": None."""
    refusal: list[str] = []
    """Regular expressions; a refusal that matches one is `plainly told`."""


class Expectations(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    run: list[Run]
    """Runs of `eclgrmd analyze`."""
    notice: list[NoticeRun]
    """Notices."""


def read_expectations(path: Path = _TABLE) -> Expectations:
    """Read the table.

    Raises
    ------
    msgspec.DecodeError
        If the table is malformed.
    """
    return msgspec.toml.decode(path.read_bytes(), type=Expectations)
