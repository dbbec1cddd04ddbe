"""A private MariaDB server with one Unix socket, one login and no network."""

import asyncio
import os
import pwd
import shutil
from pathlib import Path

from eclgrmd.errors import FatalError

from .processes import end_process, find_program, spawn
from .server import PrivateServer
from .sockets import socket_path

__all__ = ["PrivateMariaDB"]

_REMEDY = "run 'apt-get install --no-install-recommends mariadb-server-core'"
_SYSTEM_TABLES = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
)
_PROTOCOL_VERSION = 10
"""Version of the handshake packet of MySQL and MariaDB servers."""
_LEAN = (
    "--aria-log-file-size=8M",
    "--aria-pagecache-buffer-size=2M",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_bin",
    "--default-storage-engine=InnoDB",
    "--default-time-zone=+00:00",
    "--innodb-autoextend-increment=4",
    "--innodb-buffer-pool-size=64M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-log-buffer-size=4M",
    "--innodb-log-file-size=32M",
    "--innodb-temp-data-file-path=ibtmp1:4M:autoextend",
    "--key-buffer-size=1M",
    "--local-infile=0",
    "--max-connections=100",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--skip-networking",
    "--skip-slave-start",
)
"""Options for a small server: little memory and disk, no network, no replication."""


class PrivateMariaDB(PrivateServer):
    """A MariaDB server that only this Unix user can log in to, by socket and without a password.

    Parameters
    ----------
    state_dir
        The server keeps its files in the subfolder ``mariadb``.
    runtime_dir
        Folder for the socket; None: the folder of the files.
    start_limit_s
        Longest time to start, seconds.
    stop_limit_s
        Time to stop before the process is killed, seconds.
    """

    name = "MariaDB"
    database = "eclgrmd"
    """Name of the database, which is made empty when the server is initialised."""

    def __init__(
        self,
        state_dir: Path,
        runtime_dir: Path | None = None,
        *,
        start_limit_s: float = 60.0,
        stop_limit_s: float = 20.0,
    ) -> None:
        super().__init__(
            state_dir / "mariadb", start_limit_s=start_limit_s, stop_limit_s=stop_limit_s
        )
        self.unix_socket = socket_path((runtime_dir or self.folder).absolute(), "mariadb.sock")
        self.user = _user_name()
        self._data = self.folder / "data"
        self._new = self.folder / "data.new"
        self._temporary = self.folder / "tmp"

    async def _initialise(self) -> None:
        if self._data.exists():
            return
        statements = await asyncio.to_thread(self._prepare_bootstrap)
        process = await spawn(
            [*self._base(self._new), "--bootstrap", "--silent-startup"],
            self._new,
            with_input=True,
        )
        try:
            output, _ = await process.communicate(statements)
        except BaseException:
            await end_process(process, self._stop_limit_s)
            raise
        if process.returncode != 0:
            tail = output.decode(errors="replace")[-2000:].strip()
            raise FatalError(f"the private MariaDB cannot be initialised in {self.folder}: {tail}")
        await asyncio.to_thread(self._accept_bootstrap)

    def _prepare_bootstrap(self) -> bytes:
        # An interrupted bootstrap leaves only data.new behind, which is incomplete.
        shutil.rmtree(self._new, ignore_errors=True)
        self._new.mkdir(mode=0o700)
        self._temporary.mkdir(mode=0o700, exist_ok=True)
        scripts = _script_folder()
        user = self.user.replace("\\", "\\\\").replace("'", "''")
        lines = ["CREATE DATABASE mysql;", "USE mysql;", f"SET @auth_root_socket='{user}';"]
        for name in _SYSTEM_TABLES:
            # Only mariadb-install-db sets this variable; the rows are for logins over the network.
            text = (scripts / name).read_text(encoding="utf-8")
            lines += [line for line in text.splitlines() if "@current_hostname" not in line]
        lines += [f"CREATE DATABASE {self.database};", ""]
        return "\n".join(lines).encode()

    def _accept_bootstrap(self) -> None:
        self._new.rename(self._data)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _tidy(self) -> None:
        self.unix_socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.unix_socket.unlink(missing_ok=True)
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(mode=0o700)
        if self.log_file.exists():
            self.log_file.replace(self.log_file.with_suffix(".previous"))

    def _remedy(self) -> str:
        return (
            f"if its files are damaged, move {self.folder} away and restore a backup: "
            "eclgrmd restore DIR"
        )

    def _mark(self) -> str:
        return f"--tmpdir={self._temporary}"

    def _working_folders(self) -> list[Path]:
        return [self.folder, self._data, self._new]

    def _base(self, data: Path) -> list[str]:
        program = find_program("mariadbd", _REMEDY)
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        return [str(program), "--no-defaults", f"--datadir={data}", self._mark(), *_LEAN, *as_root]

    def _command(self) -> list[str]:
        return [
            *self._base(self._data),
            f"--socket={self.unix_socket}",
            f"--pid-file={self.folder / 'pid'}",
            f"--log-error={self.log_file}",
        ]

    async def _answers(self, pid: int) -> bool:
        reader, writer = await asyncio.open_unix_connection(self.unix_socket)
        try:
            greeting = await reader.readexactly(5)
        finally:
            writer.close()
        return greeting[4] == _PROTOCOL_VERSION


def _script_folder() -> Path:
    for folder in (Path("/usr/share/mysql"), Path("/usr/share/mariadb")):
        if all((folder / name).exists() for name in _SYSTEM_TABLES):
            return folder
    raise FatalError(f"MariaDB's own {_SYSTEM_TABLES[0]} is not in /usr/share/mysql: {_REMEDY}")


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise FatalError(
            f"user id {os.geteuid()} has no name in /etc/passwd, and MariaDB's login needs one"
        ) from None
