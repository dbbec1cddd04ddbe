"""What is right for each case: the table `expectations.toml`, decoded."""

from pathlib import Path

import msgspec
from msgspec import Struct

__all__ = ["Check", "Expectations", "NoticeRun", "Run", "read_expectations"]

_TABLE = Path(__file__).with_name("expectations.toml")

Value = float | str | list[float | str]


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """One value of `result.json`, and what it must be."""

    of: str
    """A short name (see `values.NAMES`) or a path into the result."""
    value: Value | None = None
    """The right value; None: only the limits below count."""
    within: float = 0.0
    """Largest absolute difference."""
    sigma: float | None = None
    """Largest difference in our own 1-sigma errors, instead of `within`."""
    least: float | None = None
    most: float | None = None


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    """One run of `eclgrmd analyze`, and what must come of it."""

    case: str
    """Name of the folder."""
    kind: str
    """The kind of trouble that this is an example of."""
    source: str
    """Where the right value comes from."""
    files: list[str]
    """Paths or patterns, relative to the folder, in the order given."""
    arguments: list[str] = []
    """More arguments of the command."""
    copies: dict[str, str] = {}
    """Files to be made in the folder first: new name, original."""
    make: bool = False
    """Run `make.py` first: the repository cannot hold what it writes."""
    open_files: int | None = None
    """Limit to the number of open files."""
    environment: dict[str, str] = {}
    right: list[Check] = []
    """All of these make the result right."""
    alternatives: list[list[Check]] = []
    """Other sets of checks, each of which makes it right as well."""
    flags: list[str] = []
    """Patterns; each must match a flag of a result that counts as right."""
    no_flags: list[str] = []
    """Patterns that no flag may match."""
    told: list[str] = []
    """Patterns; a flag that matches one makes any result plainly told."""
    refusal: list[str] = []
    """Patterns; a refusal (exit status 2) that matches one is plainly told."""
    ahead: str = ""
    """A later issue mends this: what is wrong until then is "not yet"."""


class NoticeRun(Struct, frozen=True, forbid_unknown_fields=True):
    """One notice, and what must be read of it."""

    file: str
    kind: str
    right: list[dict[str, str | float]] = []
    """Fields of the notice or of its detection; each set makes it right. "null" stands for None."""
    refusal: list[str] = []
    """Patterns; a refusal that matches one is plainly told."""


class Expectations(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table."""

    run: list[Run]
    notice: list[NoticeRun]


def read_expectations(path: Path = _TABLE) -> Expectations:
    """Read the table.

    Raises
    ------
    msgspec.DecodeError
        If the table is malformed.
    """
    return msgspec.toml.decode(path.read_bytes(), type=Expectations)
