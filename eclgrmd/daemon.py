"""The composition root: builds everything, opens it in order, runs it, closes it in order."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import structlog

from eclgrmd import __version__
from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.announce.status import StatusReporter
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.bus import Address as BusAddress
from eclgrmd.bus import Bus, Endpoint
from eclgrmd.compute import Workers
from eclgrmd.config import Settings, read_secret
from eclgrmd.embedded import FolderLock, PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.health import Health
from eclgrmd.ingest import jobs as ingest_jobs
from eclgrmd.ingest.cleaner import Cleaner
from eclgrmd.ingest.fetcher import Fetcher
from eclgrmd.ingest.inbox import Inbox
from eclgrmd.ingest.receive import Receiver, Wanted
from eclgrmd.log import relay
from eclgrmd.store.database import Address, Database, parse_address, utc_now
from eclgrmd.store.files import FileStore
from eclgrmd.store.hints import Hints
from eclgrmd.store.migrate import migrate
from eclgrmd.store.notifications import release_fetches
from eclgrmd.store.tasks import recover_tasks
from eclgrmd.systemd import Systemd
from eclgrmd.tasks import jobs as analysis_jobs
from eclgrmd.tasks.runner import TaskRunner

__all__ = ["Daemon"]

R = TypeVar("R")
_CONNECT_LIMIT_S = 60.0
"""How long a start waits for servers that are not our own."""
_STREAM_AGE_S = 30 * 86400.0
_RESTART_PAUSES_S = (0.1, 1.0, 3.0, 10.0)


class Daemon:
    """One eclgrmd, from start to stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._log = structlog.get_logger("daemon")
        self._systemd = Systemd()
        self._stop = asyncio.Event()
        self._servers: list[PrivateServer] = []

    async def run(self) -> None:
        """Serve until a signal says stop.

        Raises
        ------
        FatalError
            When it cannot start.
        """
        self._catch_signals()
        async with AsyncExitStack() as stack:
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

    async def _open(self, stack: AsyncExitStack) -> None:
        """Open everything in order; the stack closes it in the opposite order."""
        settings, hints = self._settings, Hints()
        await asyncio.to_thread(_prepare_folders, settings)
        stack.enter_context(FolderLock(settings.state_dir))
        # Not before the lock: another daemon's endpoints are not ours to remove.
        await asyncio.to_thread(_endpoints_file(settings).unlink, missing_ok=True)
        owner = await asyncio.to_thread(_node_id, settings.state_dir)
        files = FileStore(settings.files_dir, owner)
        await asyncio.to_thread(files.open)

        workers = self._new_workers(stack, settings.compute.workers, analysis_jobs.warm_up)
        # Files are recognised beside the analyses, so that none waits behind one.
        readers = self._new_workers(stack, 1, ingest_jobs.warm_up)
        keepers = await stack.enter_async_context(asyncio.TaskGroup())
        async with asyncio.TaskGroup() as group:
            group.create_task(workers.start(), name="workers")
            group.create_task(readers.start(), name="readers")
            database_address = group.create_task(
                self._database_address(stack, keepers), name="database"
            )
            bus_address = group.create_task(self._bus_address(stack, keepers), name="nats")

        database = Database(
            database_address.result(),
            pool_size=settings.database.pool_size,
            timeout_s=settings.database.timeout_s,
        )
        await self._patiently(database.open, "database")
        stack.push_async_callback(database.close)
        version = await self._patiently(lambda: migrate(database), "database")
        self._log.info("database ready", schema=version)

        bus = Bus(bus_address.result(), name="eclgrmd", limit_s=settings.nats.timeout_s)
        await self._patiently(bus.connect, "nats")
        stack.push_async_callback(bus.close)
        await self._run(database, bus, workers, readers, files, hints, owner)

    async def _run(
        self,
        database: Database,
        bus: Bus,
        workers: Workers,
        readers: Workers,
        files: FileStore,
        hints: Hints,
        owner: str,
    ) -> None:
        settings = self._settings
        incoming = await self._stream(bus, "DATA", settings.nats.incoming_subject)
        await self._stream(bus, "ACTIVITY", settings.nats.activity_subject)
        await self._patiently(lambda: _take_up(database, owner), "database")

        envelope = Envelope(settings.service, utc_now())
        status = StatusReporter(bus, envelope, subject=settings.nats.activity_subject, owner=owner)
        reserve = settings.storage.reserve_bytes
        health = Health(
            database,
            bus,
            workers,
            files,
            reserve_bytes=reserve,
            max_open=settings.tasks.max_open,
        )
        receiver = Receiver(database, files, readers, hints, reserve_bytes=reserve)
        cleaner = Cleaner(database, files, settings.storage)
        fetcher = Fetcher(database, receiver, hints, owner=owner, settings=settings.tasks)
        runner = TaskRunner(
            database,
            files,
            workers,
            hints,
            owner=owner,
            slots=settings.compute.workers,
            settings=settings.tasks,
            program=settings.service.mode,
        )
        announcer = Relay(
            database,
            bus,
            hints,
            envelope,
            subject=settings.nats.activity_subject,
            poll_s=settings.tasks.poll_s,
        )
        rest = RestServer(
            Services(
                database=database,
                files=files,
                hints=hints,
                health=health,
                receive=_upload(receiver, settings.rest.max_upload_bytes),
                status=status.current,
                base_url=lambda: envelope.base_url,
                settings=settings.rest,
                uploads=asyncio.Semaphore(settings.rest.max_uploads),
            )
        )
        await rest.start(*self._systemd.sockets()[:1])
        envelope.base_url = settings.rest.public_url.rstrip("/") or rest.url
        described = "GRB analysis of ECLAIRs and GRM"
        await self._patiently(
            lambda: bus.serve("eclgrm", __version__, described, _endpoints(status)), "nats"
        )

        relay_stop = asyncio.Event()
        inbox = Inbox(database, hints, full=lambda: health.full)
        async with asyncio.TaskGroup() as group:
            relaying = group.create_task(announcer.run(relay_stop), name="relay")
            watching = group.create_task(health.watch(self._stop, status.tell), name="health")
            working = [
                group.create_task(fetcher.run(self._stop), name="fetcher"),
                group.create_task(cleaner.run(self._stop), name="cleaner"),
                group.create_task(runner.run(self._stop), name="tasks"),
            ]
            consuming = group.create_task(
                bus.consume(incoming, settings.nats.incoming_subject, "eclgrmd", inbox.handle),
                name="inbox",
            )
            health.rest_ready = True
            await health.check()
            await asyncio.to_thread(
                self._write_endpoints, rest.url, _nats_url(self._servers, settings)
            )
            await status.tell("Service eclgrm is ready")
            self._systemd.ready(f"serving {rest.url}")

            await self._stop.wait()

            self._systemd.stopping("finishing requests and tasks")
            health.rest_ready = False
            consuming.cancel()
            hints.give_all()
            await status.tell("Service eclgrm is stopping")
            if not await rest.stop():
                self._log.warning("requests were cut off by the stop")
            await asyncio.wait([*working, watching])
            relay_stop.set()
            hints.announcements.give()
            await asyncio.wait([relaying])
            await status.tell("Service eclgrm is stopped")
            await asyncio.to_thread(_endpoints_file(settings).unlink, missing_ok=True)

    def _new_workers(
        self, stack: AsyncExitStack, count: int, warm: Callable[[], object]
    ) -> Workers:
        settings = self._settings
        workers = Workers(
            count,
            memory_limit_bytes=settings.compute.memory_bytes,
            cache_dir=settings.cache_dir,
            warm=(warm,),
            on_line=relay,
        )
        stack.push_async_callback(workers.stop, 0.0)
        return workers

    async def _stream(self, bus: Bus, name: str, subject: str) -> str:
        return await self._patiently(
            lambda: bus.ensure_stream(name, [subject], max_age_s=_STREAM_AGE_S), "nats"
        )

    async def _patiently(self, connect: Callable[[], Awaitable[R]], what: str) -> R:
        """Try until a server that is just starting answers."""
        deadline = asyncio.get_running_loop().time() + _CONNECT_LIMIT_S
        while True:
            try:
                return await connect()
            except TransientError as error:
                late = asyncio.get_running_loop().time() > deadline
                if late or self._stop.is_set():
                    raise FatalError(f"{what} does not answer: {error}") from error
                self._log.info("waiting", server=what, reason=str(error))
                await asyncio.sleep(error.delay_s)

    async def _database_address(self, stack: AsyncExitStack, keepers: asyncio.TaskGroup) -> Address:
        settings = self._settings
        if settings.database.url:
            secret = read_secret(settings.database.password_file, key="database.password_file")
            return parse_address(settings.database.url, secret)
        server = PrivateMariaDB(settings.state_dir, settings.runtime_dir)
        await self._open_server(server, stack, keepers)
        return Address(server.user, server.database, unix_socket=str(server.unix_socket))

    async def _bus_address(self, stack: AsyncExitStack, keepers: asyncio.TaskGroup) -> BusAddress:
        nats = self._settings.nats
        if nats.url:
            return BusAddress(
                nats.url,
                user=nats.user or None,
                password=read_secret(nats.password_file, key="nats.password_file"),
                credentials_file=Path(nats.credentials_file) if nats.credentials_file else None,
            )
        server = PrivateNats(self._settings.state_dir)
        await self._open_server(server, stack, keepers)
        return BusAddress(server.url)

    async def _open_server(
        self, server: PrivateServer, stack: AsyncExitStack, keepers: asyncio.TaskGroup
    ) -> None:
        """Have a private server, also when it dies, until the stack closes it."""
        await stack.enter_async_context(server)
        keeper = keepers.create_task(self._keep(server), name=f"keep {server.name}")
        stack.callback(keeper.cancel)
        self._servers.append(server)

    async def _keep(self, server: PrivateServer) -> None:
        """Start a private server again when it dies."""
        while (status := await server.wait()) is not None:
            self._log.error("private server died", server=server.name, status=status)
            await self._start_again(server)
            self._log.info("private server is up again", server=server.name)

    async def _start_again(self, server: PrivateServer) -> None:
        """Start a server that may be killed once more on its way up."""
        for pause_s in _RESTART_PAUSES_S:
            try:
                return await server.start()
            except FatalError as error:
                self._log.warning("private server did not start", reason=str(error))
                await asyncio.sleep(pause_s)
        return await server.start()

    def _write_endpoints(self, rest_url: str, nats_url: str) -> None:
        path = _endpoints_file(self._settings)
        found = {
            "pid": os.getpid(),
            "rest": rest_url,
            "nats": nats_url,
            "state_dir": str(self._settings.state_dir),
        }
        written = path.with_suffix(".new")
        written.write_text(json.dumps(found), encoding="utf-8")
        written.replace(path)


def _nats_url(servers: list[PrivateServer], settings: Settings) -> str:
    """Give the address of the NATS server in use."""
    own = [server.url for server in servers if isinstance(server, PrivateNats)]
    return own[0] if own else settings.nats.url


def _endpoints(status: StatusReporter) -> list[Endpoint]:
    async def tell_status(_request: bytes) -> bytes:
        return status.current()

    async def pong(_request: bytes) -> bytes:
        return b'"pong"'

    return [
        Endpoint("status", "eclgrm.status", tell_status),
        Endpoint("ping", "eclgrm.ping", pong),
    ]


async def _take_up(database: Database, owner: str) -> None:
    """Take up what this daemon had in hand when it ended."""
    async with database.transaction() as transaction:
        await release_fetches(transaction, owner)
        await recover_tasks(transaction, former_owner=owner)


def _upload(receiver: Receiver, limit: int) -> Any:
    async def receive(
        *,
        burst_id: str,
        name: str,
        sha256: str | None,
        size: int | None,
        chunks: AsyncIterator[bytes],
    ) -> tuple[Mapping[str, Any], bool]:
        return await receiver.receive(Wanted(burst_id, name, sha256, size, limit), chunks)

    return receive


def _prepare_folders(settings: Settings) -> None:
    try:
        for folder in (settings.state_dir, settings.runtime_dir, settings.cache_dir):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FatalError(f"cannot make {error.filename}: {error.strerror}") from error


def _endpoints_file(settings: Settings) -> Path:
    return settings.runtime_dir / "endpoints.json"


def _node_id(state_dir: Path) -> str:
    """Give the name under which this daemon claims tasks, the same over its restarts."""
    path = state_dir / "node-id"
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        name = f"{os.uname().nodename[:50]}-{uuid4().hex[:12]}"
        path.write_text(name, encoding="utf-8")
        return name
