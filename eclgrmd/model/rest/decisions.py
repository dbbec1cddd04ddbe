"""What people decide about a burst, as REST shows it: claims, and the result of record."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from eclgrmd.model.names import END, Identifier

__all__ = [
    "BurstClaim",
    "ClaimWanted",
    "Decision",
    "DecisionKind",
    "DecisionPage",
    "RecordWanted",
    "ResultOfRecord",
    "WithdrawalQuery",
]

Note = Annotated[
    str,
    Meta(
        pattern=rf"^[^\x00-\x1f\x7f]{{0,500}}{END}", description="0 to 500 characters of one line"
    ),
]
"""A note that may be empty."""
Reason = Annotated[
    str,
    Meta(
        pattern=rf"^[^\x00-\x1f\x7f]{{1,500}}{END}", description="1 to 500 characters of one line"
    ),
]
"""Why something was decided."""


class DecisionKind(StrEnum):
    """What can be decided about a burst."""

    CLAIMED = "claimed"
    """Somebody takes the burst."""
    TAKEN_OVER = "taken_over"
    """Somebody takes the burst from another."""
    RELEASED = "released"
    """Nobody has the burst any more."""
    ACCEPTED = "accepted"
    """A run became the result of record."""
    WITHDRAWN = "withdrawn"
    """The burst has no result of record any more."""


class BurstClaim(Struct, frozen=True, kw_only=True):
    """Who takes care of a burst."""

    by: str
    """Name of the client: of its token, or of the user of a proxy or of the daemon's machine."""
    at: datetime
    """Since when."""
    note: str
    """What that person says; may be empty."""


class ResultOfRecord(Struct, frozen=True, kw_only=True):
    """The run of a burst that stands for it."""

    task_id: str
    """The task."""
    by: str
    """Name of the client that accepted it."""
    at: datetime
    """When it was accepted."""
    reason: str
    """Why."""


class ClaimWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim to a burst."""

    note: Note = ""
    """What to tell the others."""
    take_over: bool = False
    """Whether to take the burst even if another has it."""


class RecordWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The run to accept as the result of record."""

    task_id: Identifier
    """The task; it must be done."""
    reason: Reason
    """Why it is accepted."""


class WithdrawalQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the result of record is withdrawn."""

    reason: Reason
    """The reason."""


class Decision(Struct, frozen=True, kw_only=True):
    """What somebody decided about a burst."""

    id: int
    """Number of the decision."""
    kind: DecisionKind
    """What was decided."""
    task_id: str | None
    """The run that was accepted or withdrawn; null: the decision is about the burst."""
    who: str
    """Name of the client."""
    reason: str
    """Note or reason; may be empty."""
    at: datetime
    """When."""


class DecisionPage(Struct, frozen=True, kw_only=True):
    """A page of decisions."""

    decisions: list[Decision]
    """The decisions, oldest first."""
    next: str | None
    """Path of the next page; null: this is the last one."""
