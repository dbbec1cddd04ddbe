"""What the handlers work with, put together by the daemon."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from eclgrmd.config import RestSettings
from eclgrmd.gauges import Gauges
from eclgrmd.health import Health
from eclgrmd.metrics import Metrics
from eclgrmd.model.layers import Layer
from eclgrmd.store.database import Database
from eclgrmd.store.files import FileStore
from eclgrmd.store.hints import Hints

from .uploads import Uploads

__all__ = ["SERVICES", "Alerts", "Receive", "Services", "TakenAlert"]


class TakenAlert(Protocol):
    """What a message of the alert network was."""

    @property
    def kind(self) -> str:
        """Notice or packet."""

    @property
    def burst_id(self) -> str:
        """Its burst."""

    @property
    def new(self) -> bool:
        """False: it was known."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What is doubtful in it."""


class Alerts(Protocol):
    """Takes messages of the alert network in."""

    async def take(self, payload: bytes, sender: str) -> TakenAlert:
        """Check and record one."""


class Receive(Protocol):
    """Takes a data file in; gives its row and whether it is new."""

    async def __call__(
        self,
        *,
        burst_id: str,
        name: str,
        sha256: str | None,
        size: int | None,
        chunks: AsyncIterator[bytes],
        sender: str,
    ) -> tuple[Mapping[str, Any], bool]:
        """Read all chunks, check, store and record."""


@dataclass(frozen=True, slots=True)
class Services:
    """Collaborators of the REST interface."""

    database: Database
    files: FileStore
    hints: Hints
    health: Health
    gauges: Gauges
    metrics: Metrics
    receive: Receive
    alerts: Alerts
    status: Callable[[], bytes]
    """ServiceStatus, encoded."""
    base_url: Callable[[], str]
    """Start of every link."""
    settings: RestSettings
    layers: tuple[Layer, ...]
    """Of task configurations, below what a task itself says."""
    uploads: Uploads
    """Places for uploads."""
    asks_mdb: bool
    """A mission database is configured."""


SERVICES = web.AppKey("services", Services)
