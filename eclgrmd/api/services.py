"""What the handlers work with, put together by the daemon."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from eclgrmd.files import FileStore
from eclgrmd.gauges import Gauges
from eclgrmd.health import Health
from eclgrmd.hints import Hints
from eclgrmd.ingest.packets import VhfInbox
from eclgrmd.ingest.receive import Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database

from .uploads import Uploads

__all__ = ["SERVICES", "Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """Collaborators of the REST interface."""

    database: Database
    files: FileStore
    hints: Hints
    health: Health
    gauges: Gauges
    metrics: Metrics
    receiver: Receiver
    """Takes data files in."""
    vhf_inbox: VhfInbox
    """Takes notices and packets in."""
    status: Callable[[], bytes]
    """ServiceStatus, encoded."""
    base_url: Callable[[], str]
    """Start of every link."""
    settings: LiveSettings
    uploads: Uploads
    """Places for uploads."""


SERVICES = web.AppKey("services", Services)
