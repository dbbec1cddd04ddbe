"""The asynchronous client."""

from types import TracebackType
from typing import Self

from eclgrmd.model.messages.founding import ServiceMessage
from eclgrmd.model.rest import API
from eclgrmd.model.rest.service import Ready

from .access_calls import AccessCalls
from .burst_calls import BurstCalls
from .connection import Connection
from .decision_calls import DecisionCalls
from .event_calls import EventCalls
from .picture_calls import PictureCalls
from .product_calls import ProductCalls
from .task_calls import TaskCalls

__all__ = ["AsyncClient"]


class AsyncClient(
    BurstCalls, DecisionCalls, TaskCalls, ProductCalls, PictureCalls, EventCalls, AccessCalls
):
    """Calls of a running daemon.

    Every call raises `RefusedError` if the daemon refuses it, and `UnavailableError` if the daemon
    does not respond, or cannot handle it in time. Every call can be repeated safely.

    Parameters
    ----------
    url
        REST address of the daemon.
    retry_s
        Time for which a call is repeated while the daemon responds with 429 or 503, seconds.
    reconnect_s
        Time for which a call is repeated while the daemon cannot be reached, seconds.
    token
        Token of the user; empty: none, which suffices where `rest.open_loopback` permits it.
    """

    def __init__(
        self, url: str, *, retry_s: float = 30.0, reconnect_s: float = 0.0, token: str = ""
    ) -> None:
        super().__init__(Connection(url, retry_s=retry_s, reconnect_s=reconnect_s, token=token))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self.connection.close()

    async def status(self) -> ServiceMessage:
        """Return the service's status message."""
        return await self.connection.ask(ServiceMessage, "GET", f"{API}/status")

    async def health(self) -> Ready:
        """Return the state of every dependency of the daemon."""
        return await self.connection.ask(Ready, "GET", "/health/ready", accept=503)
