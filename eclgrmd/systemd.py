"""The systemd interface of a service: readiness, watchdog, socket activation and journal."""

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
"""SD_LISTEN_FDS_START of sd_listen_fds(3)."""
_JOURNAL = Path("/run/systemd/journal/socket")
_TOO_LONG = (errno.EMSGSIZE, errno.ENOBUFS)
"""Errors of a record that is too long for one datagram."""
_SEND_LIMIT_S = 1.0
"""Longest time that one message to systemd or journald may block this process."""


class Systemd:
    """The service manager that started this process; without one, all notifications do nothing.

    Parameters
    ----------
    environment
        The variables of systemd are removed from it, so that child processes do not inherit them.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        self._address = environment.pop("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        ours = str(os.getpid())
        watched = environment.pop("WATCHDOG_PID", ours) == ours
        period_us = environment.pop("WATCHDOG_USEC", "")
        self.watchdog_s = int(period_us) / 1e6 if period_us and watched else None
        """systemd restarts us if `feed_watchdog` is not called for so long; None: no watchdog."""
        passed = environment.pop("LISTEN_PID", "") == ours
        count = environment.pop("LISTEN_FDS", "0")
        environment.pop("LISTEN_FDNAMES", None)
        self._passed = int(count) if passed else 0

    def sockets(self) -> list[socket.socket]:
        """Return the listening sockets passed by systemd; an empty list on the second call."""
        descriptors = range(_FIRST_DESCRIPTOR, _FIRST_DESCRIPTOR + self._passed)
        self._passed = 0
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return [socket.socket(fileno=descriptor) for descriptor in descriptors]

    def ready(self, status: str) -> None:
        """Report that the service is up, or that a reload has finished."""
        self._notify("READY=1", f"STATUS={status}")

    def status(self, status: str) -> None:
        """Report the state of the service in one line."""
        self._notify(f"STATUS={status}")

    def reloading(self) -> None:
        """Report that the configuration is being reloaded."""
        self._notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, status: str) -> None:
        """Report that the service is stopping."""
        self._notify("STOPPING=1", f"STATUS={status}")

    def feed_watchdog(self) -> None:
        """Report that the service is alive."""
        self._notify("WATCHDOG=1")

    def _notify(self, *lines: str) -> None:
        if not self._address:
            return
        text = "\n".join(line.replace("\n", " ") for line in lines)
        with (
            contextlib.suppress(OSError),  # a failed notification must not end the daemon
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection,
        ):
            connection.settimeout(_SEND_LIMIT_S)
            connection.sendto(text.encode(), self._address)


class Journal:
    """Sends records to journald in its native protocol."""

    def __init__(self, path: Path = _JOURNAL) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(_SEND_LIMIT_S)

    def send(self, fields: Mapping[str, str]) -> bool:
        """Send a record of any length; return whether journald accepted it.

        Field names consist of capital letters, digits and underscores.
        """
        record = b"".join(_encode(name, value) for name, value in fields.items())
        try:
            self._send(record)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, record: bytes) -> None:
        try:
            self._socket.sendto(record, self._path)
        except OSError as error:
            if error.errno not in _TOO_LONG:
                raise
            self._send_file(record)

    def _send_file(self, record: bytes) -> None:
        """Send a record that is too long for a datagram as a sealed memory file."""
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
    """Return whether standard error is connected to the journal."""
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
