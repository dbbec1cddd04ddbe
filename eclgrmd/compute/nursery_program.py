"""The nursery's program: ``python -m eclgrmd.compute.nursery_program SOCKET PARENT TARGET...``."""

import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable

import msgspec

from .worker import end_with, find, work

__all__ = ["main"]

_MOST_BYTES = 1 << 16
"""Longest request, which holds a few environment variables."""


def main() -> None:
    """Import what workers need, then fork one for each request until the daemon has gone."""
    descriptor, parent = map(int, sys.argv[1:3])
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's business
    for target in sys.argv[3:]:
        with contextlib.suppress(Exception):  # the workers that need it report it
            find(target)()
    gc.collect()
    gc.freeze()  # so that no collection in a worker writes to what it shares with the others
    with socket.socket(fileno=descriptor) as connection:
        while True:
            wanted, descriptors, _, _ = socket.recv_fds(connection, _MOST_BYTES, 1)
            if not wanted:
                return
            environment = msgspec.msgpack.decode(wanted, type=dict[str, str])
            pid = _fork_for_parent(
                lambda: _live(connection, descriptors[0], parent, environment)  # noqa: B023 - at once
            )
            os.close(descriptors[0])
            connection.send(b"%d" % pid)


def _fork_for_parent(live: Callable[[], None]) -> int:
    """Fork a process that becomes a child of the daemon; return its id."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.close(writing)
            live()
        os.write(writing, b"%d" % pid)
        os._exit(0)  # the daemon adopts the orphan
    os.close(writing)
    os.waitpid(between, 0)
    with os.fdopen(reading, "rb") as stream:
        return int(stream.read())


def _live(
    connection: socket.socket, descriptor: int, parent: int, environment: dict[str, str]
) -> None:
    """Be a worker, and end without what the nursery would do at its end."""
    status = 1
    try:
        connection.close()
        os.environ.update(environment)
        tempfile.tempdir = None
        work(descriptor, parent)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - as at the end of any program
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
