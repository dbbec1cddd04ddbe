"""An analysis of real files and the published values to compare with."""

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
    """A quantity with its published value."""

    quantity: str
    """Name of the quantity in the table."""
    published: float
    """Published value."""
    tolerance: float
    """Largest difference that is acceptable, in the unit of the quantity."""
    ours: Callable[[Result], float | None]
    """Returns our value of a result. None: the result has none."""
    rule: str
    """Source of the tolerance."""
    our_error: Callable[[Result], float | None] | None = None
    """Returns our 1-sigma error; three of it are added to the tolerance in quadrature."""
    sigma: Callable[[Result], float | None] | None = None
    """Returns the difference in 1-sigma errors of both, combined in quadrature."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a spectrum that the published fit did not use."""

    ignored: tuple[tuple[int, int], ...] = ()
    """First and last bin of each range, numbered from 1 as XSPEC does; bins are groups where the
    file groups channels."""
    systematic: bool = True
    """Whether the fit used the systematic errors of the file."""


@dataclass(frozen=True, slots=True)
class Case:
    """A run of `eclgrmd analyze` and the checks of its result."""

    name: str
    """Name in the table."""
    files: tuple[Path, ...]
    """Input files."""
    configuration: TaskConfiguration
    """Task configuration of the run."""
    checks: tuple[Check, ...]
    """Quantities to compare."""
    authority: str
    """Source of the published values."""
    selections: dict[str, Selection] = field(default_factory=dict)
    """Parts to leave out, by file name."""
    explain: Callable[[], str] | None = None
    """Returns measured facts that explain a difference. None: not available."""
