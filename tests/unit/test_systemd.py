"""The protocols of systemd, with sockets of our own in its place."""

import array
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eclgrmd.systemd import Journal, Systemd, stderr_is_journal


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(5.0)
        yield listener, path


def test_it_hears_how_we_are(manager: tuple[socket.socket, str]) -> None:
    listener, path = manager
    environment = {"NOTIFY_SOCKET": path, "OTHER": "x"}
    systemd = Systemd(environment)
    assert environment == {"OTHER": "x"}
    systemd.ready("3 tasks waiting")
    assert listener.recv(999) == b"READY=1\nSTATUS=3 tasks waiting"
    systemd.status("two\nlines")
    assert listener.recv(999) == b"STATUS=two lines"
    systemd.reloading()
    assert listener.recv(999).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    systemd.feed_watchdog()
    assert listener.recv(999) == b"WATCHDOG=1"
    systemd.stopping("bye")
    assert listener.recv(999) == b"STOPPING=1\nSTATUS=bye"


def test_an_abstract_address_is_understood() -> None:
    name = f"eclgrmd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        Systemd({"NOTIFY_SOCKET": f"@{name}"}).feed_watchdog()
        assert listener.recv(999) == b"WATCHDOG=1"


def test_without_it_or_after_its_end_nothing_happens(tmp_path: Path) -> None:
    Systemd({}).ready("x")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("x")
    assert Systemd({}).watchdog_s is None
    assert Systemd({}).sockets() == []


def test_the_watchdog_is_ours_only_if_it_says_so() -> None:
    assert Systemd({"WATCHDOG_USEC": "2500000"}).watchdog_s == 2.5
    ours = {"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": str(os.getpid())}
    assert Systemd(ours).watchdog_s == 2.5
    assert Systemd({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "1"}).watchdog_s is None


def test_sockets_are_adopted_by_the_process_they_are_meant_for() -> None:
    program = """
import os
from eclgrmd.systemd import Systemd
environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "rest"}
systemd = Systemd(environment)
(listener,) = systemd.sockets()
assert not listener.get_inheritable() and not environment and systemd.sockets() == []
assert Systemd({"LISTEN_PID": "1", "LISTEN_FDS": "1"}).sockets() == []
print(listener.getsockname()[1])
"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = f'exec 3<&{listener.fileno()}; exec "{sys.executable}" -c "$0"'
        answer = subprocess.run(
            ["bash", "-c", command, program],
            pass_fds=[listener.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        assert int(answer.stdout) == listener.getsockname()[1]


def decode(record: bytes) -> dict[str, str]:
    """Read the native protocol, as its description has it, without our own code."""
    fields = {}
    while record:
        name, separator, rest = record.partition(b"\n")
        if b"=" in name:
            key, _, value = name.partition(b"=")
            record = rest
        else:
            (size,) = struct.unpack_from("<Q", rest)
            key, value, record = name, rest[8 : 8 + size], rest[8 + size + 1 :]
        fields[key.decode()] = value.decode()
        assert separator
    return fields


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[tuple[socket.socket, Journal]]:
    path = tmp_path / "journal"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(5.0)
        journal = Journal(path)
        yield listener, journal
        journal.close()


def test_a_record_arrives_with_its_fields(journald: tuple[socket.socket, Journal]) -> None:
    listener, journal = journald
    fields = {"MESSAGE": "γ-ray burst", "TRACEBACK": "line 1\nline=2\n\n", "TASK_ID": "t=1"}
    assert journal.send(fields)
    assert decode(listener.recv(9999)) == fields


def test_a_long_record_arrives_as_a_sealed_file(journald: tuple[socket.socket, Journal]) -> None:
    listener, journal = journald
    fields = {"MESSAGE": "x" * 5_000_000}
    assert journal.send(fields)
    _, ancillary, _, _ = listener.recvmsg(10, socket.CMSG_SPACE(4))
    descriptors = array.array("i", ancillary[0][2])
    with open(descriptors[0], "rb") as file:  # noqa: PTH123 - a descriptor has no path
        file.seek(0)
        assert decode(file.read()) == fields


def test_a_record_that_nobody_takes_is_reported(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "nobody")
    assert not journal.send({"MESSAGE": "x"})
    journal.close()


def test_standard_error_is_recognised_as_the_journal_by_its_inode() -> None:
    found = os.fstat(2)
    assert stderr_is_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"})
    assert not stderr_is_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino + 1}"})
    assert not stderr_is_journal({})
