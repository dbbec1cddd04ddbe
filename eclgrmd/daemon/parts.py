"""The parts of a daemon, each built once from what they stand on."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.announce.status import StatusReporter
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.api.uploads import Uploads
from eclgrmd.bus import Bus, Delivery
from eclgrmd.compute import Workers
from eclgrmd.config import Settings
from eclgrmd.gauges import Gauges
from eclgrmd.health import Health
from eclgrmd.hints import Hints
from eclgrmd.ingest.alerts import AlertInbox
from eclgrmd.ingest.cleaner import Cleaner
from eclgrmd.ingest.enquirer import Enquirer
from eclgrmd.ingest.fetcher import Fetcher
from eclgrmd.ingest.inbox import Inbox
from eclgrmd.ingest.receive import Receiver
from eclgrmd.metrics import Metrics
from eclgrmd.model.layers import Layer
from eclgrmd.model.packet_aside import SetAsideCause
from eclgrmd.store.database import Database, utc_now
from eclgrmd.store.files import FileStore
from eclgrmd.tasks.activation import Activation
from eclgrmd.tasks.runner import TaskRunner
from eclgrmd.tasks.vhf import VhfRunner
from eclgrmd.tasks.vhf_products import VhfProducts

__all__ = ["Ground", "Parts", "Stage", "build_parts"]

Stage = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event is set, and ends what it has in hand."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the parts stand on, open already."""

    settings: Settings
    database: Database
    bus: Bus
    workers: Workers
    readers: Workers
    """Inspect data files."""
    alert_readers: Workers
    """Read notices, which never wait behind files."""
    followers: Sequence[Workers]
    """One process each, for bursts that still go on."""
    files: FileStore
    hints: Hints
    metrics: Metrics
    owner: str
    """The name under which this daemon claims what it works on."""
    layers: tuple[Layer, ...]
    """Of task configurations, below what a task itself says."""

    @property
    def pools(self) -> dict[str, Workers]:
        """All pools of workers, by name."""
        followers = {f"follower {number}": pool for number, pool in enumerate(self.followers)}
        return {
            "workers": self.workers,
            "readers": self.readers,
            "alert readers": self.alert_readers,
            **followers,
        }


@dataclass(frozen=True, slots=True)
class Parts:
    """What a daemon consists of."""

    envelope: Envelope
    status: StatusReporter
    health: Health
    rest: RestServer
    relay: Relay
    inbox: Callable[[Sequence[Delivery]], Awaitable[None]]
    """Takes the messages of `nats.incoming_subject`."""
    alerts: Callable[[Delivery], Awaitable[None]]
    """Takes the messages of `nats.vhf_subject`."""
    stages: Mapping[str, Stage]
    """By name; they stop before the relay, which announces their last words."""
    adopt: Callable[[Settings], None]
    """Makes all of them work by new settings, as far as those need no restart."""


def build_parts(ground: Ground) -> Parts:
    """Build everything; nothing runs yet."""
    settings, database, bus, hints = ground.settings, ground.database, ground.bus, ground.hints
    reserve = settings.storage.reserve_bytes
    envelope = Envelope(settings.service, utc_now())
    subject = settings.nats.activity_subject
    status = StatusReporter(bus, envelope, subject=subject, owner=ground.owner)
    set_aside = Counter(dict.fromkeys((cause.value for cause in SetAsideCause), 0))
    health = Health(
        database,
        bus,
        ground.workers,
        ground.files,
        reserve_bytes=reserve,
        max_open=settings.tasks.max_open,
        announce_limit_s=settings.nats.announce_limit_s,
        fetch_wait_s=settings.tasks.fetch_wait_s,
        owner=ground.owner,
        set_aside=set_aside,
    )
    metrics = ground.metrics
    receiver = Receiver(
        database, ground.files, ground.readers, hints, reserve_bytes=reserve, metrics=metrics
    )
    cleaner = Cleaner(database, ground.files, settings.storage)
    fetcher = Fetcher(
        database,
        receiver,
        hints,
        owner=ground.owner,
        settings=settings.tasks,
        largest_bytes=settings.rest.max_upload_bytes,
    )
    runner = TaskRunner(
        database,
        ground.files,
        ground.workers,
        hints,
        owner=ground.owner,
        slots=settings.compute.workers,
        settings=settings.tasks,
        program=settings.service.mode,
        metrics=metrics,
        layers=ground.layers,
    )
    alerts = AlertInbox(database, ground.alert_readers, hints, silence_s=settings.vhf.silence_s)
    vhf = VhfRunner(
        database,
        ground.followers,
        hints,
        settings=settings.vhf,
        poll_s=settings.tasks.poll_s,
        set_aside=set_aside,
    )
    stages: dict[str, Stage] = {
        "fetcher": fetcher.run,
        "cleaner": cleaner.run,
        "tasks": runner.run,
        "vhf": vhf.run,
        "vhf products": VhfProducts(
            database,
            ground.files,
            ground.workers,
            hints,
            settings=settings.vhf,
            poll_s=settings.tasks.poll_s,
            program=settings.service.mode,
        ).run,
    }
    if settings.mdb.url:
        stages["enquirer"] = Enquirer(
            database, hints, settings=settings.mdb, poll_s=settings.tasks.poll_s
        ).run
    if settings.automatic.enabled:
        stages["activation"] = Activation(
            database,
            hints,
            settings=settings.automatic,
            poll_s=settings.tasks.poll_s,
            full=lambda: health.full,
        ).run
    relay = Relay(
        database,
        bus,
        hints,
        envelope,
        subject=subject,
        poll_s=settings.tasks.poll_s,
        metrics=metrics,
    )
    rest = RestServer(
        Services(
            database=database,
            files=ground.files,
            hints=hints,
            health=health,
            gauges=Gauges(metrics, health, database, bus, ground.files, ground.pools),
            metrics=metrics,
            alerts=alerts,
            receiver=receiver,
            status=status.current,
            base_url=lambda: envelope.base_url,
            settings=settings.rest,
            layers=ground.layers,
            uploads=Uploads(settings.rest.max_uploads),
            asks_mdb=bool(settings.mdb.url),
        )
    )

    def adopt(new: Settings) -> None:
        fetcher.settings = runner.settings = new.tasks
        cleaner.settings = new.storage
        receiver.reserve_bytes = health.reserve_bytes = new.storage.reserve_bytes
        health.max_open, health.fetch_wait_s = new.tasks.max_open, new.tasks.fetch_wait_s

    return Parts(
        envelope=envelope,
        status=status,
        health=health,
        rest=rest,
        relay=relay,
        inbox=Inbox(database, hints, full=lambda: health.full).handle_all,
        alerts=alerts.handle,
        stages=stages,
        adopt=adopt,
    )
