"""Studies of tasks as REST shows them: coverage of the stated intervals, and spread of choices."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from eclgrmd.model.study.coverage import Badge
from eclgrmd.model.study.spread import Spread
from eclgrmd.model.study.work import StudyState

__all__ = ["CoverageWanted", "SpreadWanted", "StudyView", "TaskCoverage", "TaskSpread"]

Seed = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class CoverageWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request for the coverage of a task's stated intervals."""

    twins: Annotated[int, Meta(ge=2, le=10_000)] = 300
    """Simulated twins."""
    seed: Seed = 1
    """Seed of the twins."""


class SpreadWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request for the spread of a task's results over choices of the analyst."""

    choices: Annotated[int, Meta(ge=10, le=10_000)] = 500
    """Choices."""
    seed: Seed = 1
    """Seed of the choices."""


class StudyView(Struct, frozen=True, kw_only=True):
    """How far a study of a task has come."""

    task: str
    """The task."""
    state: StudyState
    """State of the study; none: nobody has asked for it."""
    reason: str
    """Why it failed or waits; empty: no reason."""
    number: int
    """Twins or choices that were asked for."""
    seed: int
    """Seed that was asked for."""
    progress: float
    """Part that is done, from 0 to 1."""
    asked_at: datetime | None
    """When it was asked for; null: not yet."""
    ended_at: datetime | None
    """When it ended; null: not yet."""


class TaskCoverage(StudyView, frozen=True, kw_only=True):
    """The coverage of a task's stated intervals."""

    coverage: Badge | None
    """The content of coverage.json; null: it is not there."""


class TaskSpread(StudyView, frozen=True, kw_only=True):
    """The spread of a task's results over choices of the analyst."""

    spread: Spread | None
    """The content of spread.json; null: it is not there."""
