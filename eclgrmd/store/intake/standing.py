"""The columns of table `burst` with the decisions that are valid now."""

from datetime import datetime

from msgspec import Struct

from eclgrmd.model.rest.decisions import BurstClaim, ResultOfRecord

__all__ = ["STANDING", "Standing"]

STANDING = "claimed_by, claimed_at, claim_note, record_task, record_by, record_at, record_reason"
"""As in `Standing`."""


class Standing(Struct, frozen=True, kw_only=True):
    """Who has a burst, and its result of record; times are UTC without zone."""

    claimed_by: str | None
    """Who takes care of it; None: nobody."""
    claimed_at: datetime | None
    """Since when."""
    claim_note: str | None
    """What that person says."""
    record_task: str | None
    """Task whose result is that of record; None: there is none."""
    record_by: str | None
    """Who accepted it."""
    record_at: datetime | None
    """When."""
    record_reason: str | None
    """Why."""

    @property
    def claim(self) -> BurstClaim | None:
        """Who has the burst; None: nobody."""
        if self.claimed_by is None or self.claimed_at is None:
            return None
        return BurstClaim(by=self.claimed_by, at=self.claimed_at, note=self.claim_note or "")

    @property
    def record(self) -> ResultOfRecord | None:
        """The result of record; None: there is none."""
        if self.record_task is None or self.record_at is None:
            return None
        return ResultOfRecord(
            task_id=self.record_task,
            by=self.record_by or "",
            at=self.record_at,
            reason=self.record_reason or "",
        )
