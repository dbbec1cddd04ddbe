"""Calls about who may do what, and who did."""

from collections.abc import AsyncIterator

from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.tokens import AuditPage, ListedAudit, WhoAmI

from .calls import Calls

__all__ = ["AccessCalls"]


class AccessCalls(Calls):
    """Calls about who may do what, and who did."""

    async def who_am_i(self) -> WhoAmI:
        """Return whom the daemon takes us for, and the role."""
        return await self.connection.ask(WhoAmI, "GET", f"{API}/login")

    async def audit(self) -> AsyncIterator[ListedAudit]:
        """Yield what clients changed, oldest first; this needs the role operator."""
        async for page in self.pages(AuditPage, f"{API}/audit", Numbered(limit=1000)):
            for entry in page.audit:
                yield entry
