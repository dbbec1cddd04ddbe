"""Calls about decisions: who takes a burst, and which run is its result of record."""

from collections.abc import AsyncIterator

from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.decisions import (
    BurstClaim,
    ClaimWanted,
    Decision,
    DecisionPage,
    RecordWanted,
    ResultOfRecord,
)
from eclgrmd.model.rest.queries import Numbered

from .calls import Calls

__all__ = ["DecisionCalls"]


class DecisionCalls(Calls):
    """Calls about decisions."""

    async def claim(self, burst_id: str, note: str = "", *, take_over: bool = False) -> BurstClaim:
        """Take a burst.

        Raises
        ------
        RefusedError
            If another has it, and it is not taken over.
        """
        body = ClaimWanted(note=note, take_over=take_over)
        return await self.connection.ask(BurstClaim, "POST", _path(burst_id, "claim"), body=body)

    async def release(self, burst_id: str) -> None:
        """Release a burst; nothing happens if nobody has it."""
        await self.connection.read("DELETE", _path(burst_id, "claim"))

    async def accept(self, burst_id: str, task_id: str, reason: str) -> ResultOfRecord:
        """Accept a run as the result of record of its burst."""
        body = RecordWanted(task_id=task_id, reason=reason)
        path = _path(burst_id, "record")
        return await self.connection.ask(ResultOfRecord, "POST", path, body=body)

    async def withdraw(self, burst_id: str, reason: str) -> None:
        """Withdraw the result of record of a burst; nothing happens if there is none."""
        await self.connection.read("DELETE", _path(burst_id, "record"), query=(("reason", reason),))

    async def decisions(self, burst_id: str) -> AsyncIterator[Decision]:
        """Yield what was decided about a burst, oldest first."""
        async for page in self.pages(DecisionPage, _path(burst_id, "decisions"), Numbered()):
            for decision in page.decisions:
                yield decision


def _path(burst_id: str, what: str) -> str:
    return f"{API}/bursts/{path_part(burst_id)}/{what}"
