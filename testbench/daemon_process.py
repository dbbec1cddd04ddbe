"""The daemon as a child process: start, stop, kill and restart."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

__all__ = ["DaemonProcess", "DaemonProcessError", "Endpoints", "read_endpoints"]

_POLL_S = 0.05
"""Time between two looks at the process, seconds."""
_LAST_LINES = 15
"""Lines of the log that an error quotes."""


class DaemonProcessError(Exception):
    """Raised when the daemon does not start or stop; the text includes the end of its log."""


class Endpoints(Struct, frozen=True):
    """Addresses of a running daemon, from its `endpoints.json`."""

    pid: int
    """Process id of the daemon."""
    rest: str
    """Base URL of its REST interface."""
    nats: str
    """URL of its NATS server, with credentials."""
    state_dir: str = ""
    """Its state folder."""


def read_endpoints(path: Path) -> Endpoints | None:
    """Read `endpoints.json`; return None while it is absent or incomplete."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Endpoints)
    except (OSError, msgspec.DecodeError):
        return None


class DaemonProcess:
    """A process of `eclgrmd serve` with private servers and its own state folder.

    Its REST port stays the same over restarts, so that announced links stay valid.

    Parameters
    ----------
    folder
        Gets the log and the state folder.
    cache
        Folder of compiled numerics. None: the daemon's default.
    workers
        Number of worker processes.
    settings
        More environment variables of the daemon.
    module
        Module to run instead of `eclgrmd`; its workers have no sandbox.
    automatic
        Whether the daemon creates tasks for data without one.
    config
        Configuration file that sets everything, including `state` and `state/run` of `folder`.
        With it no environment variable is set.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cache: Path | None = None,
        workers: int = 2,
        settings: Mapping[str, str] | None = None,
        module: str = "eclgrmd",
        automatic: bool = False,
        config: Path | None = None,
    ) -> None:
        self.state_dir = folder / "state"
        self.log = folder / "daemon.log"
        self._endpoints_file = self.state_dir / "run" / "endpoints.json"
        self._config = config
        self._settings = {
            "ECLGRMD_STORAGE_STATE_DIR": str(self.state_dir),
            "ECLGRMD_STORAGE_RUNTIME_DIR": str(self._endpoints_file.parent),
            "ECLGRMD_REST_PORT": str(_free_port()),
            "ECLGRMD_COMPUTE_CACHE_DIR": str(cache or ""),
            "ECLGRMD_COMPUTE_WORKERS": str(workers),
            "ECLGRMD_LOG_FORMAT": "json",
            # Servers of tests and benches are on loopback, and only an address that is named is
            # allowed there.
            "ECLGRMD_LINKS_ALLOW": "http://127.0.0.1:*",
            "ECLGRMD_AUTOMATIC_ENABLED": str(automatic).lower(),
            **(settings or {}),
        }
        if module != "eclgrmd":
            # Its functions read and write the files of a test from within workers.
            self._settings.setdefault("ECLGRMD_COMPUTE_SANDBOX", "off")
        if config is not None:
            self._settings = {}
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """True while the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the daemon last started."""
        return None if self._process is None else self._process.pid

    def endpoints(self) -> Endpoints | None:
        """Return its addresses, or None while it is not running."""
        found = read_endpoints(self._endpoints_file)
        return found if found is not None and found.pid == self.pid and self.running else None

    def running_endpoints(self) -> Endpoints:
        """Return its addresses.

        Raises
        ------
        DaemonProcessError
            If it is not running.
        """
        found = self.endpoints()
        if found is None:
            raise DaemonProcessError(f"the daemon is not running: {self.end_of_log()}")
        return found

    async def start(self, *, limit_s: float = 300.0) -> float:
        """Start the daemon and wait until it reports that it is ready.

        Returns
        -------
        Time until it was ready, seconds.

        Raises
        ------
        DaemonProcessError
            If it ends, or is not ready within the limit.
        """
        began = time.monotonic()
        self._process = self._spawn()
        while not await self._ready():
            if not self.running:
                raise DaemonProcessError(f"the daemon ended while starting: {self.end_of_log()}")
            if time.monotonic() - began > limit_s:
                raise DaemonProcessError(
                    f"the daemon is not ready after {limit_s:g} s: {self.end_of_log()}"
                )
            await asyncio.sleep(_POLL_S)
        return time.monotonic() - began

    def reload(self) -> None:
        """Ask the daemon to reload its settings (SIGHUP)."""
        self._signal(signal.SIGHUP)

    def terminate(self) -> None:
        """Ask the daemon to stop (SIGTERM)."""
        self._signal(signal.SIGTERM)

    async def ended(self, *, limit_s: float = 180.0) -> int:
        """Wait until the process ends.

        Returns
        -------
        Exit status; negative for a signal.

        Raises
        ------
        DaemonProcessError
            If it is still alive after the limit.
        """
        if self._process is None:
            raise DaemonProcessError("the daemon was never started")
        until = time.monotonic() + limit_s
        while (status := self._process.poll()) is None:
            if time.monotonic() > until:
                raise DaemonProcessError(
                    f"the daemon did not end within {limit_s:g} s: {self.end_of_log()}"
                )
            await asyncio.sleep(_POLL_S)
        return status

    async def stop(self, *, limit_s: float = 180.0) -> int:
        """Stop the daemon, kill it after the limit, and return its exit status."""
        self.terminate()
        try:
            return await self.ended(limit_s=limit_s)
        except DaemonProcessError:
            await self.kill()
            return -signal.SIGKILL
        finally:
            self.end_now()

    async def kill(self) -> None:
        """Kill the daemon, as a power cut would (SIGKILL)."""
        self._signal(signal.SIGKILL)
        await self.ended(limit_s=10.0)

    def end_now(self) -> None:
        """Kill the daemon without waiting for its end."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _spawn(self) -> subprocess.Popen[bytes]:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        ours = {k: v for k, v in os.environ.items() if not k.startswith("ECLGRMD_")}
        config = [] if self._config is None else ["--settings", str(self._config)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", self._module, "serve", *config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=ours | self._settings,
                start_new_session=True,  # Ctrl-C in the terminal must reach the testbench only
            )

    async def _ready(self) -> bool:
        at = self.endpoints()
        if at is None:
            return False
        limit = aiohttp.ClientTimeout(total=2.0)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(f"{at.rest}/health/ready", ssl=False) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def end_of_log(self) -> str:
        """Return the last lines of its log."""
        if not self.log.exists():
            return "it wrote no log"
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"(end of {self.log})", *lines[-_LAST_LINES:]])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
