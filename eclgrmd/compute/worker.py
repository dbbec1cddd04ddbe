"""The program of a worker process: ``python -m eclgrmd.compute.worker SOCKET PARENT``."""

import contextlib
import ctypes
import faulthandler
import importlib
import os
import pickle
import queue
import resource
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, reduce
from io import BufferedReader
from pathlib import Path
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from eclgrmd import __version__

from .alarm import Alarm
from .frames import Call, Done, EndAt, Failed, LogLine, Ready, WorkerSetUp, pack, receive

__all__ = ["main"]

Calls = queue.SimpleQueue[Call | None]

_PR_SET_PDEATHSIG = 1
"""Option of prctl(2): the signal that this process receives when its parent ends."""
_KNOWN = ("builtins", "eclgrmd.errors")
"""Modules whose error classes the daemon has imported, so that it can rebuild their errors."""
_BACKGROUND_NICE = 19
"""Nice value of calls in the background, the lowest priority."""
_OOM_SCORE = "500"
"""From -1000 to 1000: when the machine is out of memory, the kernel ends workers first."""


def main() -> None:
    """Answer calls until the daemon closes the connection."""
    descriptor, parent = map(int, sys.argv[1:])
    _end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's business
    faulthandler.enable()
    with (
        socket.socket(fileno=descriptor) as connection,
        connection.makefile("rb") as stream,
    ):
        _set_up(receive(stream), connection)
        calls, alarm = Calls(), Alarm()
        listener = threading.Thread(target=_listen, args=(stream, calls, alarm), daemon=True)
        listener.start()
        while (call := calls.get()) is not None:
            outcome = _answer(call)
            alarm.silence()
            _say(connection, outcome)


def _listen(stream: BufferedReader, calls: Calls, alarm: Alarm) -> None:
    """Receive frames in a thread, since deadlines arrive while the main thread computes."""
    try:
        while True:
            frame: Call | EndAt = receive(stream)
            match frame:
                case Call():
                    alarm.begin()
                    calls.put(frame)
                case EndAt(moment_s):
                    alarm.set(moment_s)
    except EOFError:
        calls.put(None)


def _end_with(parent: int) -> None:
    """Let the kernel kill this process when the thread of the daemon that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the daemon has gone already")
    Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")


def _set_up(setting: WorkerSetUp, connection: socket.socket) -> None:
    """Apply the limits, send log lines to the daemon, and call the warm-up functions."""
    if setting.version != __version__:
        wrong = f"the daemon is eclgrmd {setting.version}, its workers {__version__}: restart it"
        _say(connection, Failed(None, wrong, ""))
        sys.exit(1)
    if setting.memory_limit_bytes is not None:
        # RLIMIT_DATA, not RLIMIT_AS: large files that are only mapped must not count.
        limit = (setting.memory_limit_bytes, setting.memory_limit_bytes)
        resource.setrlimit(resource.RLIMIT_DATA, limit)

    def hand_over(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
        _say(connection, LogLine(_plain(fields)))
        raise structlog.DropEvent

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hand_over,
        ],
    )
    with contextlib.suppress(PermissionError):  # a sandbox may forbid it; the work matters more
        os.nice(setting.nice)
    for target in setting.warm:
        outcome = _answer(Call(target, ()))
        if isinstance(outcome, Failed):
            _say(connection, outcome)
            sys.exit(1)
    _say(connection, Ready())


def _plain(fields: EventDict) -> dict[str, Any]:
    simple = (str, int, float, bool, type(None))
    return {key: value if type(value) in simple else str(value) for key, value in fields.items()}


def _say(connection: socket.socket, frame: Done | Failed | LogLine | Ready) -> None:
    try:
        packed = pack(frame)
    except Exception as error:  # noqa: BLE001 - pickling may raise anything
        packed = pack(_failed(error))
    connection.sendall(packed)


def _answer(call: Call) -> Done | Failed:
    try:
        with bound_contextvars(**call.context):
            _make_scratch()
            function = _find(call.target)
            if call.background:
                return Done(_in_background(lambda: function(*call.args)))
            return Done(function(*call.args))
    except Exception as error:  # noqa: BLE001 - every error is reported to the daemon
        return _failed(error)


def _in_background(compute: Callable[[], object]) -> object:
    """Compute at the lowest priority, in a thread of its own.

    Linux has a nice value for each thread, and without privileges it can only be raised. So the
    main thread keeps its own.
    """

    def lower() -> None:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICE)

    with ThreadPoolExecutor(1, initializer=lower) as executor:
        return executor.submit(copy_context().run, compute).result()


def _make_scratch() -> None:
    """Make the folder for temporary files again if it was removed; every call needs it."""
    if folder := os.environ.get("TMPDIR"):
        with contextlib.suppress(OSError):  # the function that uses the folder reports the reason
            Path(folder).mkdir(parents=True, exist_ok=True)


@cache
def _find(target: str) -> Any:
    module, _, name = target.partition(":")
    return reduce(getattr, name.split("."), importlib.import_module(module))


def _failed(error: Exception) -> Failed:
    cls = type(error)
    summary = f"{cls.__module__}.{cls.__qualname__}: {error}"
    return Failed(_portable(error), summary, "".join(traceback.format_exception(error)))


def _portable(error: Exception) -> Exception | None:
    """Return the error, or None if the daemon does not know its class or cannot rebuild it."""
    if type(error).__module__ not in _KNOWN:
        return None
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - pickling may raise anything
        return None
    return error


if __name__ == "__main__":
    main()
