"""What all groups of calls have in common: the connection, and listings of many pages."""

from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from eclgrmd.model.rest.bursts import BurstPage
from eclgrmd.model.rest.data import DataPage
from eclgrmd.model.rest.decisions import DecisionPage
from eclgrmd.model.rest.products import ProductPage
from eclgrmd.model.rest.replays import VhfHistory
from eclgrmd.model.rest.tasks import TaskPage
from eclgrmd.model.rest.tokens import AuditPage

from .connection import Connection

__all__ = ["Calls"]

Page = TypeVar(
    "Page", AuditPage, BurstPage, DataPage, DecisionPage, ProductPage, TaskPage, VhfHistory
)


class Calls:
    """A group of calls of a daemon."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def pages(self, kind: type[Page], path: str, query: Struct) -> AsyncIterator[Page]:
        """Yield all pages of a listing, from that of the query on."""
        page = await self.connection.ask(kind, "GET", path, query=_encoded(query))
        yield page
        while page.next:
            page = await self.connection.ask(kind, "GET", page.next)
            yield page


def _encoded(query: Struct) -> list[tuple[str, str]]:
    """Return the fields of a query that differ from their defaults."""
    default = msgspec.to_builtins(type(query)())
    found: list[tuple[str, str]] = []
    for name, value in msgspec.to_builtins(query).items():
        if value != default.get(name):
            is_text = isinstance(value, str)
            found.append((name, value if is_text else msgspec.json.encode(value).decode()))
    return found
