"""One analysis of real files, and the published numbers that it is judged by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.result import Result

__all__ = ["Case", "Check", "Reference", "Selection"]

Reference = dict[str, Any]
"""An entry of references.json."""


@dataclass(frozen=True, slots=True)
class Check:
    """One quantity with its published value."""

    quantity: str
    published: float
    tolerance: float
    """Largest difference that a sound analysis may show, in the quantity's unit."""
    ours: Callable[[Result], float | None]
    rule: str
    """Where the tolerance comes from."""
    our_error: Callable[[Result], float | None] | None = None
    """1-sigma error of ours: three of it are added to the tolerance in quadrature."""
    sigma: Callable[[Result], float | None] | None = None
    """How far ours is from the published value, in 1-sigma errors of both in quadrature."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a spectrum the published fit left out."""

    ignored: tuple[tuple[int, int], ...] = ()
    """First and last bin of each range, numbered from 1 as XSPEC does; bins are groups where the
    file groups channels."""
    systematic: bool = True
    """False: the systematic errors of the file were not used."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of `eclgrmd analyze`."""

    name: str
    files: tuple[Path, ...]
    configuration: TaskConfiguration
    checks: tuple[Check, ...]
    authority: str
    selections: dict[str, Selection] = field(default_factory=dict)
    """By file name."""
    explain: Callable[[], str] | None = None
    """Says from measured facts why ours differs."""
