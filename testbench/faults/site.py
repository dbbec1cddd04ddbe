"""The daemons under test, their workers and their servers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from eclgrmd.compute.worker import PROCESS_NAME
from eclgrmd.embedded import PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError
from testbench.daemon_process import DaemonProcess
from testbench.faults.daemons.watched_analysis import WATCH
from testbench.faults.injection.link import Link, make_user, open_link

__all__ = ["SETTINGS", "Site", "children", "running_site"]

SETTINGS = {
    "ECLGRMD_TASKS_LEASE_S": "8",
    "ECLGRMD_TASKS_POLL_S": "0.5",
    "ECLGRMD_TASKS_STOP_LIMIT_S": "3",
    "ECLGRMD_TASKS_MAX_ATTEMPTS": "100000",
    "ECLGRMD_TASKS_FETCH_ATTEMPTS": "100000",
    "ECLGRMD_TASKS_FETCH_TIMEOUT_S": "5",
    "ECLGRMD_DATABASE_TIMEOUT_S": "5",
    "ECLGRMD_REST_DRAIN_S": "3",
}
"""Short limits, and so many attempts that no task may fail because of a fault."""


class Site:
    """A daemon with private servers, or several daemons on shared ones."""

    def __init__(self, folder: Path, daemons: int) -> None:
        self.folder = folder
        self._count = daemons
        self.daemons: list[DaemonProcess] = []
        self._mariadb = PrivateMariaDB(folder / "common")
        self._nats = PrivateNats(folder / "common")
        self.links: list[Link] = []
        """Proxies between each daemon and the shared servers."""
        self.watch = folder / "watch"
        """Folder in which tasks are recorded that ran twice at the same time."""

    @property
    def shared(self) -> bool:
        """True if several daemons share the servers."""
        return self._count > 1

    @property
    def nats_url(self) -> str:
        """URL of the NATS server; empty while it is unknown."""
        if self.shared:
            return self._nats.url
        at = self.daemons[0].endpoints()
        return at.nats if at else ""

    def server_pids(self, program: str) -> list[int]:
        """Return the processes of a server: `mariadbd` or `nats-server`."""
        if self.shared:
            pid = (self._mariadb if program == "mariadbd" else self._nats).pid
            return [pid] if pid else []
        return [pid for pid, name in self._children(self.daemons[0]) if name == program]

    def worker_pids(self) -> list[int]:
        """Return all worker processes."""
        return [
            pid
            for each in self.daemons
            for pid, name in self._children(each)
            if name == PROCESS_NAME
        ]

    @property
    def database_socket(self) -> Path:
        """Socket of MariaDB."""
        if self.shared:
            return self._mariadb.unix_socket
        return PrivateMariaDB(self.folder / "0" / "state", self._runtime(0)).unix_socket

    @property
    def database_user(self) -> str:
        """Database user with all privileges."""
        return self._mariadb.user

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Run daemons and servers while the context is open."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            keepers: list[asyncio.Task[None]] = []
            self.watch.mkdir(parents=True, exist_ok=True)
            settings = SETTINGS | {WATCH: str(self.watch)}
            if self.shared:
                for server in (self._mariadb, self._nats):
                    await stack.enter_async_context(server)
                    keepers.append(group.create_task(_keep(server), name=server.name))
                await make_user(self._mariadb)
                settings |= {
                    "ECLGRMD_STORAGE_FILES_DIR": str(self.folder / "common" / "files"),
                    "ECLGRMD_NATS_USER": self._nats.user,
                    "ECLGRMD_NATS_PASSWORD_FILE": str(self._nats.password_file),
                }
            for number in range(self._count):
                folder, own = self.folder / str(number), dict(settings)
                if self.shared:
                    link = await stack.enter_async_context(open_link(self._mariadb, self._nats))
                    self.links.append(link)
                    own |= link.settings
                self.daemons.append(
                    DaemonProcess(
                        folder,
                        workers=1 if self.shared else 2,
                        settings=own,
                        module="testbench.faults.daemons.watched",
                    )
                )
            try:
                for daemon in self.daemons:
                    await daemon.start()
                yield
            finally:
                for daemon in self.daemons:
                    await daemon.stop(limit_s=30.0)
                for keeper in keepers:
                    keeper.cancel()

    def _runtime(self, number: int) -> Path:
        return self.folder / str(number) / "state" / "run"

    @staticmethod
    def _children(daemon: DaemonProcess) -> list[tuple[int, str]]:
        return children(daemon.pid) if daemon.pid and daemon.running else []


@asynccontextmanager
async def running_site(folder: Path, daemons: int) -> AsyncIterator[Site]:
    """Run a site while the context is open."""
    site = Site(folder, daemons)
    async with site.opened():
        yield site


def children(pid: int) -> list[tuple[int, str]]:
    """Return the child processes of a process with their names."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # any of them may end in the meantime
            for child in listed.read_text(encoding="ascii").split():
                name = Path(f"/proc/{child}/comm").read_text(encoding="utf-8").strip()
                found.append((int(child), name))
    return found


async def _keep(server: PrivateServer) -> None:
    while await server.wait() is not None:
        while server.pid is None:
            with contextlib.suppress(FatalError):  # killed again while starting
                await server.start()
