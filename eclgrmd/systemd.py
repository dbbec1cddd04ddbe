"""What systemd asks of a service: readiness, watchdog, socket activation, the journal."""

import array
import contextlib
import errno
import fcntl
import os
import socket
import struct
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path

__all__ = ["Journal", "Systemd", "stderr_is_journal"]

_FIRST_DESCRIPTOR = 3
_JOURNAL = Path("/run/systemd/journal/socket")
_TOO_LONG = (errno.EMSGSIZE, errno.ENOBUFS)
_PATIENCE_S = 1.0


class Systemd:
    """The service manager, if it started us; without it, telling it anything does nothing.

    Takes its variables out of ``environment``: our child processes are no services of their own.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        self._address = environment.pop("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        ours = str(os.getpid())
        watched = environment.pop("WATCHDOG_PID", ours) == ours
        period_us = environment.pop("WATCHDOG_USEC", "")
        self.watchdog_s = int(period_us) / 1e6 if period_us and watched else None
        """We are restarted when we do not call `feed_watchdog` for so long; None: never."""
        passed = environment.pop("LISTEN_PID", "") == ours
        count = environment.pop("LISTEN_FDS", "0")
        environment.pop("LISTEN_FDNAMES", None)
        self._passed = int(count) if passed else 0

    def sockets(self) -> list[socket.socket]:
        """Adopt the listening sockets that we were started with; the second time there are none."""
        descriptors = range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + self._passed)
        self._passed = 0
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return [socket.socket(fileno=descriptor) for descriptor in descriptors]

    def ready(self, status: str) -> None:
        """Say that we are up, or that reloading is over."""
        self._notify("READY=1", f"STATUS={status}")

    def status(self, status: str) -> None:
        """Say in one line how we are."""
        self._notify(f"STATUS={status}")

    def reloading(self) -> None:
        """Say that we read our configuration again."""
        self._notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, status: str) -> None:
        """Say that we are going down."""
        self._notify("STOPPING=1", f"STATUS={status}")

    def feed_watchdog(self) -> None:
        """Say that we are alive."""
        self._notify("WATCHDOG=1")

    def _notify(self, *lines: str) -> None:
        if not self._address:
            return
        text = "\n".join(line.replace("\n", " ") for line in lines)
        with (
            contextlib.suppress(OSError),  # it is of no help to us to die of that
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection,
        ):
            connection.settimeout(_PATIENCE_S)
            connection.sendto(text.encode(), self._address)


class Journal:
    """Sends records to journald in its native protocol."""

    def __init__(self, path: Path = _JOURNAL) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(_PATIENCE_S)

    def send(self, fields: Mapping[str, str]) -> bool:
        """Send a record of any length, and say whether journald took it.

        Field names are of capital letters, digits and underscores.
        """
        record = b"".join(_encode(name, value) for name, value in fields.items())
        try:
            self._send(record)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _send(self, record: bytes) -> None:
        try:
            self._socket.sendto(record, self._path)
        except OSError as error:
            if error.errno not in _TOO_LONG:
                raise
            self._send_file(record)

    def _send_file(self, record: bytes) -> None:
        """Pass a record that is too long for a datagram as a sealed file in memory."""
        with open(  # noqa: PTH123 - a descriptor has no path
            os.memfd_create("journal", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb"
        ) as file:
            file.write(record)
            file.flush()
            seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()]))
            self._socket.sendmsg([b""], [rights], 0, self._path)


def stderr_is_journal(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether what we write to standard error goes to the journal."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return (str(found.st_dev), str(found.st_ino)) == (device, inode)


def _encode(name: str, value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    if b"\n" in data:
        return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return name.encode() + b"=" + data + b"\n"
