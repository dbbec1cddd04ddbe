"""Servers of somebody else: TLS with an authority of their own, and logins from files."""

import asyncio
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import aiomysql
import pymysql
import pytest
from nkeys import PREFIX_BYTE_USER, encode_seed, from_seed

from eclgrmd.bus import Address as BusAddress
from eclgrmd.bus import Bus
from eclgrmd.embedded import PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.store.sql.address import Address, parse_address
from eclgrmd.store.sql.database import Database
from testbench.daemon_process import DaemonProcess
from tests.support.limits import LIMIT_S
from tests.support.programs import needs_program

pytestmark = needs_program("openssl", package="openssl")
PASSWORD = "s3cret-of-tests"  # noqa: S105 - of servers that live for a minute


class Certificates(NamedTuple):
    authority: Path
    """Certificate of the authority that the client trusts."""
    certificate: Path
    """Certificate of the server, signed by the authority."""
    key: Path
    """Private key of the server."""
    stranger: Path
    """An authority that has signed nothing."""
    renewed: tuple[Path, Path]
    """Another certificate of the server, and its key."""


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def authority(folder: Path, name: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}")
    openssl(*new, "-keyout", key, "-out", certificate)
    return certificate, key


def signed(folder: Path, name: str, ca: Path, ca_key: Path) -> tuple[Path, Path]:
    """Return a certificate of this machine and its key."""
    key, request, certificate = (folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
    names = folder / "names"
    names.write_text("subjectAltName = IP:127.0.0.1, DNS:localhost\n", encoding="utf-8")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}")
    openssl(*new, "-keyout", key, "-out", request)
    sign = ("x509", "-req", "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2")
    openssl(*sign, "-in", request, "-extfile", names, "-out", certificate)
    return certificate, key


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    ca, ca_key = authority(folder, "observatory")
    stranger, _ = authority(folder, "stranger")
    certificate, key = signed(folder, "it", ca, ca_key)
    return Certificates(ca, certificate, key, stranger, signed(folder, "next", ca, ca_key))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SecureMariaDB(PrivateMariaDB):
    """Listens to the network too, where it demands TLS and a password."""

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        super().__init__(folder)
        self.port = free_port()
        self._certificates = certificates

    def _command(self) -> list[str]:
        own = self._certificates
        return [
            *super()._command(),
            *("--skip-networking=0", "--bind-address=127.0.0.1", f"--port={self.port}"),
            *(f"--ssl-cert={own.certificate}", f"--ssl-key={own.key}", f"--ssl-ca={own.authority}"),
        ]

    async def add_login(self) -> None:
        connection = await aiomysql.connect(unix_socket=str(self.unix_socket), user=self.user)
        async with connection.cursor() as cursor:
            who = "'grm'@'127.0.0.1'"
            await cursor.execute(f"CREATE USER {who} IDENTIFIED BY '{PASSWORD}' REQUIRE SSL")
            await cursor.execute(f"GRANT ALL ON *.* TO {who}")
        connection.close()

    async def add_accounts(self, database: str) -> None:
        """Make two accounts as README.md says: one for migrations, one for daily work."""
        connection = await aiomysql.connect(unix_socket=str(self.unix_socket), user=self.user)
        async with connection.cursor() as cursor:
            for name, rights in (("owner", "ALL"), ("daily", "SELECT, INSERT, UPDATE, DELETE")):
                who = f"'{name}'@'127.0.0.1'"
                await cursor.execute(f"CREATE USER {who} IDENTIFIED BY '{PASSWORD}' REQUIRE SSL")
                await cursor.execute(f"GRANT {rights} ON {database}.* TO {who}")
        connection.close()


class SecureNats(PrivateNats):
    """Demands TLS, and a login or a token."""

    def __init__(self, folder: Path, certificates: Certificates, login: str) -> None:
        super().__init__(folder)
        self._certificates = certificates
        self._login = login

    def _settings(self, port: int) -> str:
        own, usual = self._certificates, super()._settings(port).splitlines()
        lines = [line for line in usual if not line.startswith("authorization")]
        lines.append(f"authorization {{ {self._login} }}")
        lines.append(f'tls {{ cert_file: "{own.certificate}", key_file: "{own.key}" }}')
        return "\n".join(lines)

    @property
    def secure_url(self) -> str:
        return self.bare_url.replace("nats://", "tls://")


@contextmanager
def running(server: PrivateServer) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(server.start())
        yield runner
        runner.run(server.stop())


@pytest.fixture(scope="session")
def mysql(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureMariaDB]:
    server = SecureMariaDB(tmp_path_factory.mktemp("mysql"), certificates)
    with running(server) as runner:
        runner.run(server.add_login())
        yield server


@pytest.fixture(scope="session")
def nats_with_login(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureNats]:
    login = f'user: "grm", password: "{PASSWORD}"'
    server = SecureNats(tmp_path_factory.mktemp("nats"), certificates, login)
    with running(server):
        yield server


class Secured(NamedTuple):
    """A daemon with TLS of its own, and with servers that demand TLS and logins."""

    process: DaemonProcess
    database: Address
    """The database with the account for daily work."""
    authority: Path
    certificate: Path
    key: Path

    @property
    def port(self) -> int:
        return urlsplit(self.process.running_endpoints().rest).port or 0

    def connected(self) -> closing[HTTPSConnection]:
        trusted = ssl.create_default_context(cafile=self.authority)
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=LIMIT_S, context=trusted)
        connection.connect()
        return closing(connection)

    def shown(self) -> str:
        """Return the name in the certificate that a new connection is shown."""
        with self.connected() as connection:
            return shown(connection)

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        with self.connected() as connection:
            return asked(connection, path, body)


def asked(connection: HTTPSConnection, path: str, body: Any = None) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body)
    sent = {} if body is None else {"Content-Type": "application/json"}
    connection.request("GET" if body is None else "POST", path, content, sent)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def shown(connection: HTTPSConnection) -> str:
    """Return the name in the certificate that the server shows."""
    found = cast(ssl.SSLSocket, connection.sock).getpeercert() or {}
    subject: Any = found["subject"]
    return str(subject[0][0][1])


@pytest.fixture(scope="module")
def secured(
    mysql: SecureMariaDB, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    seed = encode_seed(os.urandom(32), PREFIX_BYTE_USER)
    files = {name: folder / name for name in ("password", "nkey", "own.pem", "own.key")}
    files["password"].write_text(PASSWORD + "\n", encoding="utf-8")
    files["nkey"].write_bytes(seed)
    files["own.pem"].write_bytes(certificates.certificate.read_bytes())
    files["own.key"].write_bytes(certificates.key.read_bytes())
    login = f"users: [{{nkey: {from_seed(seed).public_key.decode()}}}]"
    nats = SecureNats(folder / "nats", certificates, login)
    url = f"127.0.0.1:{mysql.port}/guarded"
    settings = {
        "ECLGRMD_DATABASE_URL": f"mysql://daily@{url}",
        "ECLGRMD_DATABASE_PASSWORD_FILE": str(files["password"]),
        "ECLGRMD_DATABASE_MIGRATION_URL": f"mysql://owner@{url}",
        "ECLGRMD_DATABASE_MIGRATION_PASSWORD_FILE": str(files["password"]),
        "ECLGRMD_DATABASE_CA_FILE": str(certificates.authority),
        "ECLGRMD_NATS_NKEY_FILE": str(files["nkey"]),
        "ECLGRMD_NATS_CA_FILE": str(certificates.authority),
        "ECLGRMD_REST_OPEN_LOOPBACK": "on",
        "ECLGRMD_REST_CERTIFICATE_FILE": str(files["own.pem"]),
        "ECLGRMD_REST_KEY_FILE": str(files["own.key"]),
    }
    with running(nats) as runner:
        runner.run(mysql.add_accounts("guarded"))
        settings["ECLGRMD_NATS_URL"] = nats.secure_url
        daemon = DaemonProcess(folder / "daemon", settings=settings)
        try:
            asyncio.run(daemon.start())  # returns when it says that it is ready
            address = parse_address(f"mysql://daily@{url}", PASSWORD, certificates.authority)
            yield Secured(
                daemon, address, certificates.authority, files["own.pem"], files["own.key"]
            )
            assert asyncio.run(daemon.stop()) == 0
        finally:
            daemon.end_now()


def test_a_daemon_works_with_servers_that_demand_tls_and_logins(secured: Secured) -> None:
    assert secured.process.running_endpoints().rest.startswith("https://")
    task = {"id": "t1", "burst_id": "b1", "inputs": [{"name": "never.fits"}]}
    status, said = secured.ask("/api/v1/task", task)
    assert status == 201, said
    assert secured.ask("/api/v1/task/t1")[1]["state"] == "waiting"
    log = secured.process.log.read_text(encoding="utf-8")
    assert PASSWORD not in log
    assert not (secured.process.state_dir / "mariadb").exists()


async def test_the_account_for_daily_work_changes_no_table(secured: Secured) -> None:
    database = Database(secured.database, pool_size=1, timeout_s=LIMIT_S)
    await database.open()
    try:
        for statement in (
            "CREATE TABLE more (a INT)",
            "DROP TABLE task",
            "ALTER TABLE task ADD b INT",
        ):
            with pytest.raises(pymysql.err.OperationalError, match="denied"):
                async with database.transaction() as transaction:
                    await transaction.execute(statement)
    finally:
        await database.close()


def test_a_renewed_certificate_is_shown_without_a_restart(
    secured: Secured, certificates: Certificates
) -> None:
    with secured.connected() as old:
        assert shown(old) == "it"

        secured.key.write_bytes(b"no key")
        secured.process.reload()
        wait_for(lambda: "settings not reloaded" in secured.process.log.read_text(encoding="utf-8"))
        assert secured.shown() == "it"

        files = (secured.certificate, secured.key)
        for target, source in zip(files, certificates.renewed, strict=True):
            target.write_bytes(source.read_bytes())
        secured.process.reload()
        wait_for(lambda: secured.shown() == "next")
        assert asked(old, "/api/v1/status")[0] == 200


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


async def test_mysql_without_tls_or_of_a_stranger_is_not_spoken_to(
    mysql: SecureMariaDB, certificates: Certificates
) -> None:
    url = f"mysql://grm@127.0.0.1:{mysql.port}/bursts"
    plain = Database(parse_address(url, PASSWORD), pool_size=1, timeout_s=20.0)
    with pytest.raises(FatalError, match="refuses our login"):
        await plain.open()
    address = parse_address(url, PASSWORD, certificates.stranger)
    with pytest.raises(TransientError, match="certificate verify failed"):
        await Database(address, pool_size=1, timeout_s=20.0).open()


async def test_nats_of_a_stranger_is_not_spoken_to(
    nats_with_login: SecureNats, certificates: Certificates
) -> None:
    address = BusAddress(
        nats_with_login.secure_url, user="grm", password=PASSWORD, ca_file=certificates.stranger
    )
    with pytest.raises(TransientError, match="certificate verify failed"):
        await Bus(address).connect()


async def test_a_wrong_password_ends_the_start(
    nats_with_login: SecureNats, certificates: Certificates
) -> None:
    url, ca_file = nats_with_login.secure_url, certificates.authority
    with pytest.raises(FatalError, match="refuses our login"):
        await Bus(BusAddress(url, user="grm", password="wrong", ca_file=ca_file)).connect()  # noqa: S106


async def test_a_token_is_a_login_too(certificates: Certificates, tmp_path: Path) -> None:
    server = SecureNats(tmp_path, certificates, f'token: "{PASSWORD}"')
    async with server:
        address = BusAddress(server.secure_url, token=PASSWORD, ca_file=certificates.authority)
        async with Bus(address) as bus:
            assert await bus.ping() > 0
