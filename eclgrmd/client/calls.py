"""What all groups of calls have in common: the connection, and listings of many pages."""

from collections.abc import AsyncIterator
from typing import TypeVar

from eclgrmd.model.rest.bursts import BurstPage
from eclgrmd.model.rest.data import DataPage
from eclgrmd.model.rest.products import ProductPage
from eclgrmd.model.rest.tasks import TaskPage

from .connection import Connection

__all__ = ["Calls"]

Page = TypeVar("Page", BurstPage, DataPage, ProductPage, TaskPage)


class Calls:
    """A group of calls of a daemon."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def pages(self, kind: type[Page], path: str, **query: str) -> AsyncIterator[Page]:
        """Yield all pages of a listing; empty values of the query are left out."""
        wanted = [(key, value) for key, value in query.items() if value]
        page = await self.connection.ask(kind, "GET", path, query=wanted)
        yield page
        while page.next:
            page = await self.connection.ask(kind, "GET", page.next)
            yield page
