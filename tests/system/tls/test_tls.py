"""Servers of somebody else: TLS with an authority of their own, and logins from files."""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import aiomysql
import pytest

from eclgrmd.bus import Address as BusAddress
from eclgrmd.bus import Bus
from eclgrmd.embedded import PrivateMariaDB, PrivateNats, PrivateServer
from eclgrmd.errors import FatalError, TransientError
from eclgrmd.store.sql.address import parse_address
from eclgrmd.store.sql.database import Database
from testbench.daemon_process import DaemonProcess
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


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def authority(folder: Path, name: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}")
    openssl(*new, "-keyout", key, "-out", certificate)
    return certificate, key


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    ca, ca_key = authority(folder, "observatory")
    stranger, _ = authority(folder, "stranger")
    key, request, certificate = folder / "it.key", folder / "it.csr", folder / "it.pem"
    names = folder / "names"
    names.write_text("subjectAltName = IP:127.0.0.1, DNS:localhost\n", encoding="utf-8")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost")
    openssl(*new, "-keyout", key, "-out", request)
    sign = ("x509", "-req", "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2")
    openssl(*sign, "-in", request, "-extfile", names, "-out", certificate)
    return Certificates(ca, certificate, key, stranger)


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


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


def test_a_daemon_works_with_servers_that_demand_tls_and_logins(
    mysql: SecureMariaDB,
    nats_with_login: SecureNats,
    certificates: Certificates,
    password_file: Path,
    tmp_path: Path,
) -> None:
    settings = {
        "ECLGRMD_DATABASE_URL": f"mysql://grm@127.0.0.1:{mysql.port}/bursts",
        "ECLGRMD_DATABASE_PASSWORD_FILE": str(password_file),
        "ECLGRMD_DATABASE_CA_FILE": str(certificates.authority),
        "ECLGRMD_NATS_URL": nats_with_login.secure_url,
        "ECLGRMD_NATS_USER": "grm",
        "ECLGRMD_NATS_PASSWORD_FILE": str(password_file),
        "ECLGRMD_NATS_CA_FILE": str(certificates.authority),
    }
    daemon = DaemonProcess(tmp_path / "daemon", settings=settings)
    try:
        asyncio.run(daemon.start())  # returns when it says that it is ready
        assert asyncio.run(daemon.stop()) == 0
    finally:
        daemon.end_now()
    log = daemon.log.read_text(encoding="utf-8")
    assert PASSWORD not in log
    assert not (tmp_path / "daemon" / "state" / "mariadb").exists()


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
