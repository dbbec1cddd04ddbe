"""The life of a daemon: open everything in order, run, and close it in the opposite order."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import structlog

from eclgrmd import __version__
from eclgrmd.aio.polling import Hint, keep
from eclgrmd.announce.status import StatusReporter
from eclgrmd.api import worker_functions as rest_functions
from eclgrmd.bus import Bus, Endpoint
from eclgrmd.compute import Nursery, Sandbox, Workers
from eclgrmd.embedded import FolderLock
from eclgrmd.errors import FatalError, InputError
from eclgrmd.files import FileStore
from eclgrmd.health import PROBE_SUBJECT
from eclgrmd.hints import Hints
from eclgrmd.ingest import worker_functions as ingest_functions
from eclgrmd.log import relay, watch
from eclgrmd.metrics import Metrics
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.live import LiveSettings, LoadedSettings
from eclgrmd.settings.task_files import site_layers
from eclgrmd.store.access.kept_answers import release_keys_of
from eclgrmd.store.intake.notifications import release_fetches
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.probe import prove_database
from eclgrmd.store.tasks.claims import take_back_tasks
from eclgrmd.store.tasks.studies import take_back_studies
from eclgrmd.systemd import Systemd
from eclgrmd.tasks import worker_functions as task_functions

from .components import Resources, build_components
from .endpoints import forget_endpoints, write_endpoints
from .folders import empty_scratch, node_id, prepare_folders
from .heartbeat import Heartbeat
from .limits import raise_open_files_limit
from .migrating import open_migrated
from .reload import Reloading
from .sandboxes import Sandboxes
from .servers import Servers

__all__ = ["IMPORTS", "Daemon"]

_STREAM_AGE_S = 30 * 86400.0
"""Age at which NATS removes a message, 30 days: longer than any receiver should be away."""
_VHF_IN_FLIGHT = 4
"""Messages of the VHF network that are stored concurrently. Their order does not matter, because
packets are sorted later, and concurrent commits share a write to disk."""
_READERS = 3
"""Worker processes that read files: no sender uses more than two at a time, no burst more than
one, so that one is left for others."""
_NOTICE_READERS = 2
"""Worker processes that read notices; no sender uses more than one at a time."""
IMPORTS = (
    ingest_functions.warm_up,
    task_functions.warm_up,
    rest_functions.warm_up_pictures,
    rest_functions.warm_up_previews,
)
"""What workers import; the nursery does so once for all."""
_NICE = 5
"""How much lower than the daemon's the scheduling priority of analyses and inspections is."""
_VHF_NICE = 0
"""The same for the quick look and notices, for which an observatory waits: like the daemon."""
_PROBE_AGE_S = 60.0
"""Age at which NATS removes the messages of the health check."""
_BATCH = 50
"""Most messages that are stored in one transaction."""


class Daemon:
    """A daemon, from start to stop.

    Parameters
    ----------
    settings
        The settings at the start.
    read_again
        Reads the settings from their file; raises FatalError if they are invalid.
    """

    def __init__(self, settings: Settings, read_again: Callable[[], Settings]) -> None:
        self._settings = settings
        self._read_again = read_again
        self._log = structlog.get_logger("daemon")
        self._systemd = Systemd()
        self._stop = asyncio.Event()
        self._reload = Hint()
        self._metrics = Metrics()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises
        ------
        FatalError
            If the daemon cannot start.
        """
        self._catch_signals()
        async with AsyncExitStack() as stack:
            lines = self._metrics.log_lines
            stack.callback(watch(lambda fields: lines.labels(fields["level"]).inc()))
            await self._open(stack)
        self._log.info("stopped")

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(name: str) -> None:
            if self._stop.is_set():
                self._log.warning("stopped at once by a second signal", signal=name)
                os._exit(1)
            self._log.info("stopping", signal=name)
            self._stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number.name)
        loop.add_signal_handler(signal.SIGHUP, self._reload.give)

    async def _open(self, stack: AsyncExitStack) -> None:
        """Open everything in order; the stack closes it in the opposite order."""
        settings = self._settings
        raise_open_files_limit()
        live = LiveSettings(await asyncio.to_thread(_given, settings))
        await asyncio.to_thread(prepare_folders, settings)
        stack.enter_context(FolderLock(settings.state_dir))
        # Only with the lock: the file could belong to another daemon.
        await asyncio.to_thread(forget_endpoints, settings)
        await asyncio.to_thread(empty_scratch, settings)
        owner = await asyncio.to_thread(node_id, settings.state_dir)
        files = FileStore(settings.files_dir, owner)
        await asyncio.to_thread(files.open)

        boxes = await asyncio.to_thread(Sandboxes, settings)
        quick_look = await asyncio.to_thread(boxes.quick_look, settings)
        pictures = await asyncio.to_thread(boxes.pictures, settings)
        nursery = Nursery(cache_dir=settings.cache_dir, warm=IMPORTS)
        await stack.enter_async_context(nursery)
        workers = self._new_workers(
            *(stack, nursery, settings.compute.workers, task_functions.warm_up, boxes.analysis),
            nice=_NICE,
        )
        # Separate pools, so that the inspection of files never waits behind an analysis.
        readers = self._new_workers(
            *(stack, nursery, _READERS, ingest_functions.warm_up, boxes.reading), nice=_NICE
        )
        notice_readers = self._new_workers(
            *(stack, nursery, _NOTICE_READERS, ingest_functions.warm_up, boxes.reading),
            nice=_VHF_NICE,
        )
        quick_look_workers = [
            self._new_workers(stack, nursery, 1, task_functions.warm_up, quick_look, nice=_VHF_NICE)
            for _ in range(settings.vhf.workers)
        ]
        picturing = self._new_workers(
            *(stack, nursery, 1, rest_functions.warm_up_pictures, pictures), nice=_NICE
        )
        keepers = await stack.enter_async_context(asyncio.TaskGroup())
        servers = Servers(settings, stack, keepers, self._stop)
        # The start does not wait for it: pictures are the last that anybody asks for.
        keepers.create_task(picturing.start(), name="pictures")
        async with asyncio.TaskGroup() as group:
            group.create_task(workers.start(), name="workers")
            group.create_task(readers.start(), name="readers")
            group.create_task(notice_readers.start(), name="notice readers")
            database_address = group.create_task(servers.database_address(), name="database")
            bus_address = group.create_task(servers.bus_address(), name="nats")

        database = Database(
            database_address.result(),
            pool_size=settings.database.pool_size,
            timeout_s=settings.database.timeout_s,
        )
        stack.push_async_callback(database.close)
        version = await open_migrated(database, settings, servers)
        await servers.patiently(lambda: prove_database(database, owner), "database")
        self._log.info("database ready", schema=version)

        bus = Bus(bus_address.result(), name="eclgrmd", limit_s=settings.nats.timeout_s)
        await servers.patiently(bus.connect, "nats")
        stack.push_async_callback(bus.close)
        resources = Resources(
            live,
            database,
            bus,
            workers,
            readers,
            notice_readers,
            quick_look_workers,
            picturing,
            lambda steps: self._made_workers(
                nursery, 1, rest_functions.warm_up_previews, boxes.preview(steps), nice=0
            ),
            files,
            Hints(),
            self._metrics,
            owner,
        )
        await self._run(resources, servers, boxes)

    async def _run(self, resources: Resources, servers: Servers, boxes: Sandboxes) -> None:
        """Recover interrupted work, start serving, and run until a stop is requested."""
        settings, bus = self._settings, resources.bus
        await servers.patiently(
            lambda: _ensure_stream(bus, "ACTIVITY", settings.nats.activity_subject), "nats"
        )
        await servers.patiently(lambda: _ensure_stream(bus, "ECLGRM-V1", "eclgrm.v1.>"), "nats")
        await servers.patiently(
            lambda: bus.ensure_stream("ECLGRM-PROBE", [PROBE_SUBJECT], max_age_s=_PROBE_AGE_S),
            "nats",
        )
        incoming = await servers.patiently(
            lambda: _ensure_stream(bus, "DATA", settings.nats.incoming_subject), "nats"
        )
        vhf_stream = await servers.patiently(
            lambda: _ensure_stream(bus, "VHF", settings.nats.vhf_subject), "nats"
        )
        await servers.patiently(lambda: _recover(resources), "database")

        components = build_components(resources)
        await components.rest.start(*self._systemd.sockets()[:1])
        components.envelope.rest_url = components.rest.url
        described = "GRB analysis of ECLAIRs and GRM"
        await servers.patiently(
            lambda: bus.serve("eclgrm", __version__, described, _endpoints(components.status)),
            "nats",
        )

        heart = Heartbeat(self._systemd, tuple(resources.pools.values()), components.health)
        reloading = Reloading(
            resources.settings,
            self._read_given,
            components.rest.renew_certificate,
            lambda: _apply(resources, boxes),
            self._systemd,
        )
        relay_stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            relaying = group.create_task(components.relay.run(relay_stop), name="relay")
            working = [
                group.create_task(keep(stage, stage=name, stop=self._stop), name=name)
                for name, stage in components.stages.items()
            ]
            watching = components.health.watch(self._stop, components.status.publish)
            working.append(group.create_task(watching, name="health"))
            renewing = servers.renew_nats(lambda: components.health.fault("nats"), self._stop)
            working.append(group.create_task(renewing, name="renew nats"))
            consuming = group.create_task(
                bus.consume_batches(
                    incoming,
                    settings.nats.incoming_subject,
                    "eclgrmd",
                    components.inbox,
                    batch=_BATCH,
                ),
                name="inbox",
            )
            listening = group.create_task(
                bus.consume(
                    vhf_stream,
                    settings.nats.vhf_subject,
                    "eclgrmd-vhf",
                    components.vhf_inbox,
                    in_flight=_VHF_IN_FLIGHT,
                ),
                name="vhf inbox",
            )
            components.health.rest_ready = True
            await components.health.check()
            await asyncio.to_thread(
                write_endpoints, settings, components.rest.url, servers.nats_url
            )
            await components.status.publish("Service eclgrm is ready")
            self._systemd.ready(f"serving {components.rest.url}")
            working.append(group.create_task(heart.run(self._stop), name="heartbeat"))
            working.append(
                group.create_task(reloading.run(self._reload, self._stop), name="reload")
            )

            await self._stop.wait()

            self._systemd.stopping("finishing requests and tasks")
            components.health.rest_ready = False
            consuming.cancel()
            listening.cancel()
            resources.hints.give_all()
            await components.status.publish("Service eclgrm is stopping")
            if not await components.rest.stop():
                self._log.warning("requests were cut off by the stop")
            await asyncio.wait(working)
            relay_stop.set()
            resources.hints.announcements.give()
            await asyncio.wait([relaying])
            await components.status.publish("Service eclgrm is stopped")
            await asyncio.to_thread(forget_endpoints, settings)

    def _new_workers(
        self,
        stack: AsyncExitStack,
        nursery: Nursery,
        count: int,
        warm: Callable[[], object],
        sandbox: Sandbox | None,
        *,
        nice: int,
    ) -> Workers:
        workers = self._made_workers(nursery, count, warm, sandbox, nice=nice)
        stack.push_async_callback(workers.stop, 0.0)
        return workers

    def _made_workers(
        self,
        nursery: Nursery,
        count: int,
        warm: Callable[[], object],
        sandbox: Sandbox | None,
        *,
        nice: int,
    ) -> Workers:
        settings = self._settings
        return Workers(
            count,
            nursery=nursery,
            memory_limit_bytes=settings.compute.memory_bytes,
            cache_dir=settings.cache_dir,
            scratch_dir=settings.scratch_dir,
            nice=nice,
            sandbox=sandbox,
            warm=(warm,),
            on_line=self._hear,
        )

    def _read_given(self) -> LoadedSettings:
        return _given(self._read_again())

    def _hear(self, fields: Mapping[str, Any]) -> None:
        """Write a log line of a worker to the log, and count it in the metrics."""
        self._metrics.hear(fields)
        relay(fields)


async def _ensure_stream(bus: Bus, name: str, subject: str) -> str:
    return await bus.ensure_stream(name, [subject], max_age_s=_STREAM_AGE_S)


async def _apply(resources: Resources, boxes: Sandboxes) -> None:
    """Have changed settings take effect: another folder of calibration files is another sandbox."""
    settings = resources.settings.now
    quick_look = await asyncio.to_thread(boxes.quick_look, settings)
    pictures = await asyncio.to_thread(boxes.pictures, settings)
    for workers in resources.quick_look_workers:
        workers.confine(quick_look)
    resources.picturing.confine(pictures)
    resources.hints.give_all()


async def _recover(resources: Resources) -> None:
    """Release downloads and keys, and queue tasks and studies that this daemon had not finished."""
    async with resources.database.transaction() as transaction:
        release_keys_of(transaction, resources.owner)
        release_fetches(transaction, resources.owner)
        await take_back_tasks(transaction, resources.owner)
        await take_back_studies(transaction, resources.owner)


def _endpoints(status: StatusReporter) -> list[Endpoint]:
    async def report_status(_request: bytes) -> bytes:
        return status.current()

    async def pong(_request: bytes) -> bytes:
        return b'"pong"'

    return [
        Endpoint("status", "eclgrm.status", report_status),
        Endpoint("ping", "eclgrm.ping", pong),
    ]


def _given(settings: Settings) -> LoadedSettings:
    """Return settings together with the site's task configuration."""
    try:
        return LoadedSettings(settings, site_layers(settings.tasks.configuration_file))
    except InputError as error:
        raise FatalError(f"tasks.configuration_file: {error}") from error
