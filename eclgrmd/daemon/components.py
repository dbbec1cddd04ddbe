"""The components of a daemon, built once from its open resources."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.feed import Feed
from eclgrmd.announce.relay import Relay
from eclgrmd.announce.status import StatusReporter
from eclgrmd.api.access.known_tokens import KnownTokens
from eclgrmd.api.kept_bodies import KeptBodies
from eclgrmd.api.previews import Previews
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.api.streams import Streams
from eclgrmd.api.uploads import Uploads
from eclgrmd.bus import Bus, Delivery
from eclgrmd.clock import utc_now
from eclgrmd.compute import Workers
from eclgrmd.files import FileStore
from eclgrmd.gauges import Gauges
from eclgrmd.health import Health
from eclgrmd.hints import Hints
from eclgrmd.ingest.cleaner import Cleaner
from eclgrmd.ingest.enquirer import Enquirer
from eclgrmd.ingest.fetcher import Fetcher
from eclgrmd.ingest.inbox import Inbox
from eclgrmd.ingest.packets import VhfInbox
from eclgrmd.ingest.receive import Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.model.quicklook.aside import SetAsideCause
from eclgrmd.quicklook.products import QuickLookProducts
from eclgrmd.quicklook.runner import QuickLookRunner
from eclgrmd.settings.live import LiveSettings
from eclgrmd.store.sql.database import Database
from eclgrmd.tasks.activation import Activation
from eclgrmd.tasks.runner import TaskRunner
from eclgrmd.tasks.studies import StudyRunner

__all__ = ["Components", "Resources", "Stage", "build_components"]

Stage = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""A coroutine function that works until the event is set, and then finishes what it has begun."""
_MOST_THUMBNAILS = 2000
"""Thumbnails that are kept; each has about two kilobytes."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Open connections, worker pools and shared values that the components use."""

    settings: LiveSettings
    """The settings in force."""
    database: Database
    """Open connection pool."""
    bus: Bus
    """Open connection to NATS."""
    workers: Workers
    """Worker processes that analyse tasks."""
    readers: Workers
    """Worker processes that inspect data files."""
    notice_readers: Workers
    """Worker processes that read notices, which therefore never wait behind files."""
    quick_look_workers: Sequence[Workers]
    """Pools of one worker process each, which keep the state of the quick look of bursts."""
    picturing: Workers
    """A worker process that makes data for pictures."""
    new_previewing: Callable[[str], Workers]
    """Makes a pool of one worker process, not yet started, for a session of previews of a file of
    stored steps."""
    files: FileStore
    """The file store."""
    hints: Hints
    """Wake-ups between the stages."""
    metrics: Metrics
    """Metrics of this daemon."""
    owner: str
    """Node id under which this daemon claims work."""

    @property
    def pools(self) -> dict[str, Workers]:
        """All pools of workers by their names in the metrics, which dashboards rely on."""
        quick_look = {
            f"follower {number}": pool for number, pool in enumerate(self.quick_look_workers)
        }
        return {
            "workers": self.workers,
            "readers": self.readers,
            "alert readers": self.notice_readers,
            "pictures": self.picturing,
            **quick_look,
        }


@dataclass(frozen=True, slots=True)
class Components:
    """The components of a daemon, which `daemon.run` starts and stops."""

    envelope: Envelope
    """Composes messages; needs the URL of REST once that is up."""
    status: StatusReporter
    """Publishes the status of the service."""
    health: Health
    """Checks the dependencies."""
    rest: RestServer
    """The REST interface."""
    relay: Relay
    """Publishes announcements."""
    inbox: Callable[[Sequence[Delivery]], Awaitable[None]]
    """Handles batches of messages of `nats.incoming_subject`."""
    vhf_inbox: Callable[[Delivery], Awaitable[None]]
    """Handles messages of `nats.vhf_subject`."""
    stages: Mapping[str, Stage]
    """The other stages by name; they stop before the relay, which publishes their last results."""


def build_components(resources: Resources) -> Components:
    """Build all components; nothing runs yet."""
    settings, database, bus, hints = (
        resources.settings,
        resources.database,
        resources.bus,
        resources.hints,
    )
    envelope = Envelope(settings, utc_now())
    subject = settings.now.nats.activity_subject
    feed = Feed(database, hints, envelope)
    status = StatusReporter(bus, envelope, feed, subject=subject, owner=resources.owner)
    set_aside = Counter(dict.fromkeys((cause.value for cause in SetAsideCause), 0))
    health = Health(
        database,
        bus,
        resources.workers,
        resources.files,
        settings=settings,
        owner=resources.owner,
        set_aside=set_aside,
    )
    metrics = resources.metrics
    receiver = Receiver(
        database, resources.files, resources.readers, hints, settings=settings, metrics=metrics
    )
    cleaner = Cleaner(database, resources.files, hints, settings)
    fetcher = Fetcher(
        database,
        receiver,
        hints,
        owner=resources.owner,
        settings=settings,
    )
    runner = TaskRunner(
        database,
        resources.files,
        resources.workers,
        hints,
        owner=resources.owner,
        slots=settings.now.compute.workers,
        settings=settings,
        metrics=metrics,
    )
    vhf_inbox = VhfInbox(database, resources.notice_readers, hints, settings)
    quick_look = QuickLookRunner(
        database,
        resources.quick_look_workers,
        hints,
        settings=settings,
        set_aside=set_aside,
    )
    stages: dict[str, Stage] = {
        "fetcher": fetcher.run,
        "cleaner": cleaner.run,
        "tasks": runner.run,
        "quick look": quick_look.run,
        "quick look products": QuickLookProducts(
            database,
            resources.files,
            resources.workers,
            hints,
            settings=settings,
        ).run,
        "studies": StudyRunner(
            database,
            resources.files,
            resources.workers,
            hints,
            owner=resources.owner,
            slots=settings.now.compute.workers,
            settings=settings,
        ).run,
        "events": feed.run,
        "activation": Activation(database, hints, settings=settings, full=lambda: health.full).run,
    }
    if settings.now.mdb.url:
        stages["enquirer"] = Enquirer(database, hints, settings).run
    previews = Previews(resources.new_previewing, settings, metrics)
    stages["previews"] = previews.run
    relay = Relay(
        database,
        bus,
        hints,
        envelope,
        subject=subject,
        settings=settings,
        metrics=metrics,
    )
    rest = RestServer(
        Services(
            owner=resources.owner,
            database=database,
            files=resources.files,
            hints=hints,
            health=health,
            gauges=Gauges(
                metrics, health, database, bus, resources.files, resources.pools, settings
            ),
            metrics=metrics,
            vhf_inbox=vhf_inbox,
            receiver=receiver,
            status=status.current,
            base_url=lambda: envelope.base_url,
            settings=settings,
            uploads=Uploads(settings),
            renderers=resources.readers,
            picturing=resources.picturing,
            thumbnails=KeptBodies(_MOST_THUMBNAILS),
            previews=previews,
            streams=Streams(settings),
            feed=feed,
            tokens=KnownTokens(database),
        )
    )

    return Components(
        envelope=envelope,
        status=status,
        health=health,
        rest=rest,
        relay=relay,
        inbox=Inbox(database, hints, full=lambda: health.full).handle_all,
        vhf_inbox=vhf_inbox.handle,
        stages=stages,
    )
