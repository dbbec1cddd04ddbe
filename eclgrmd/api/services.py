"""The objects that the handlers use; the daemon builds them."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from eclgrmd.announce.feed import Feed
from eclgrmd.compute import Workers
from eclgrmd.files import FileStore
from eclgrmd.gauges import Gauges
from eclgrmd.health import Health
from eclgrmd.hints import Hints
from eclgrmd.ingest.packets import VhfInbox
from eclgrmd.ingest.receive import Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database

from .access.known_tokens import KnownTokens
from .kept_bodies import KeptBodies
from .previews import Previews
from .streams import Streams
from .uploads import Uploads

__all__ = ["SERVICES", "Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of the REST handlers."""

    owner: str
    """Name of this daemon, which its claims have."""
    database: Database
    """Connection pool for queries."""
    files: FileStore
    """Contains the products to send."""
    hints: Hints
    """Wake the stages after a request has changed the database."""
    health: Health
    """State of the dependencies."""
    gauges: Gauges
    """Update the metrics before they are sent."""
    metrics: Metrics
    """Metrics of this daemon."""
    receiver: Receiver
    """Stores and inspects uploaded data files."""
    vhf_inbox: VhfInbox
    """Stores notices and packets of the VHF network."""
    status: Callable[[], bytes]
    """Returns the encoded status message."""
    base_url: Callable[[], str]
    """Returns the URL with which every link begins."""
    settings: LiveSettings
    """The settings in force."""
    uploads: Uploads
    """Limits concurrent uploads."""
    renderers: Workers
    """Worker processes that make what a request asks for."""
    picturing: Workers
    """A worker process that makes data for pictures, and keeps the last few tasks open."""
    thumbnails: KeptBodies
    """Thumbnails that were made."""
    previews: Previews
    """Sessions of previews."""
    streams: Streams
    """Limits concurrent streams of events."""
    feed: Feed
    """The live events."""
    tokens: KnownTokens
    """The valid tokens."""


SERVICES = web.AppKey("services", Services)
"""Key of the services in the application."""
