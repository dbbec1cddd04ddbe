"""Studies of tasks as the daemon runs them: asked for, and computed in pieces by workers."""

from enum import StrEnum

from msgspec import Struct

from eclgrmd.model.pipeline import PipelineRequest

__all__ = ["PIECE", "StudyKind", "StudyState", "StudyWork"]

PIECE = 10
"""Twins or choices that a worker computes before it takes other work."""


class StudyKind(StrEnum):
    """What can be studied."""

    COVERAGE = "coverage"
    """How often the stated intervals hold the truth."""
    SPREAD = "spread"
    """How far the results depend on choices of the analyst."""


class StudyState(StrEnum):
    """States of a study."""

    NONE = "none"
    """Nobody has asked for it."""
    QUEUED = "queued"
    """It is computed as soon as a worker has nothing else to do."""
    RUNNING = "running"
    """It is being computed."""
    DONE = "done"
    """Its result is among the products of the task."""
    FAILED = "failed"
    """It cannot be computed; the result of the task stands."""


class StudyWork(Struct, frozen=True, kw_only=True):
    """A study for a worker."""

    kind: StudyKind
    """What is studied."""
    request: PipelineRequest
    """Burst, kept files, and as `earlier` the outcomes of the steps, beside which the result is."""
    number: int
    """Twins or choices."""
    seed: int
    """Seed."""
