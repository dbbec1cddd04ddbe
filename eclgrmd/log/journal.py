"""Records for journald in its native protocol (systemd's JOURNAL_NATIVE_PROTOCOL)."""

import array
import errno
import fcntl
import os
import re
import socket
import struct
from collections.abc import Mapping

__all__ = ["Journal", "stderr_is_journal"]

_SOCKET = "/run/systemd/journal/socket"
_TOO_LARGE = frozenset({errno.EMSGSIZE, errno.ENOBUFS})


def stderr_is_journal() -> bool:
    """Tell whether what we write to stderr goes to the journal."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        status = os.fstat(2)
    except OSError:
        return False
    return (device, inode) == (str(status.st_dev), str(status.st_ino))


class Journal:
    """Sends records; one that is larger than a datagram goes as a sealed memory file."""

    def __init__(self, path: str = _SOCKET) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def send(self, fields: Mapping[str, object]) -> None:
        """Send one record; without a journal it is lost."""
        record = encode(fields)
        try:
            self._socket.sendto(record, self._path)
        except OSError as error:
            if error.errno in _TOO_LARGE:
                self._send_file(record)

    def _send_file(self, record: bytes) -> None:
        descriptor = os.memfd_create("journal-entry", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with os.fdopen(descriptor, "wb") as file:
            file.write(record)
            file.flush()
            seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
            passed = array.array("i", [file.fileno()])
            self._socket.sendmsg(
                [b""], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)], 0, self._path
            )


def encode(fields: Mapping[str, object]) -> bytes:
    """Write fields as journald reads them; names become upper case."""
    record = bytearray()
    for name, value in fields.items():
        key = re.sub(r"[^A-Z0-9_]", "_", name.upper()).lstrip("_0123456789").encode()
        text = str(value).encode("utf-8", "replace")
        if b"\n" in text:
            record += key + b"\n" + struct.pack("<Q", len(text)) + text + b"\n"
        else:
            record += key + b"=" + text + b"\n"
    return bytes(record)
