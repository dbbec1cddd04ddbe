"""What a worker process does, from its fork on."""

import contextlib
import ctypes
import faulthandler
import importlib
import inspect
import os
import queue
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, reduce
from io import BufferedReader
from pathlib import Path
from typing import Any

import msgspec
import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from eclgrmd import __version__

from .alarm import Alarm
from .frames import (
    Call,
    Done,
    EndAt,
    Failed,
    FromWorker,
    LogLine,
    Ready,
    WorkerSetUp,
    pack,
    plain,
    receive,
)
from .reports import report
from .sandbox import Sandbox, enter, narrow

__all__ = ["PROCESS_NAME", "end_with", "find", "work"]

Calls = queue.SimpleQueue[Call | None]

PROCESS_NAME = "eclgrmd-worker"
"""Name of workers in lists of processes."""
_PR_SET_PDEATHSIG = 1
"""Option of prctl(2): the signal that this process receives when its parent ends."""
_BACKGROUND_NICE = 19
"""Nice value of calls in the background, the lowest priority."""
_OOM_SCORE = "500"
"""From -1000 to 1000: when the machine is out of memory, the kernel ends workers first."""


def work(descriptor: int, parent: int) -> None:
    """Answer calls until the daemon closes the connection.

    Parameters
    ----------
    descriptor
        The connection to the daemon.
    parent
        Process id of the daemon.
    """
    Path("/proc/self/comm").write_text(PROCESS_NAME, encoding="ascii")
    faulthandler.enable()
    with (
        socket.socket(fileno=descriptor) as connection,
        connection.makefile("rb") as stream,
    ):
        try:
            setting = receive(stream)
        except EOFError:
            return
        # The daemon has adopted this process before it writes.
        end_with(parent)
        if not isinstance(setting, WorkerSetUp):
            sys.exit("the daemon did not begin with a WorkerSetUp")
        _set_up(setting, connection)
        calls, alarm = Calls(), Alarm()
        listener = threading.Thread(target=_listen, args=(stream, calls, alarm), daemon=True)
        listener.start()
        while (call := calls.get()) is not None:
            outcome = _answer(call, setting.sandbox)
            alarm.silence()
            _say(connection, outcome)
            if setting.sandbox is not None and _lost_scratch():
                # A folder that is made again is outside of the sandbox; the next process is not.
                os._exit(0)


def _listen(stream: BufferedReader, calls: Calls, alarm: Alarm) -> None:
    """Receive frames in a thread, since deadlines arrive while the main thread computes."""
    try:
        while True:
            match frame := receive(stream):
                case Call():
                    alarm.begin()
                    calls.put(frame)
                case EndAt(moment_s):
                    alarm.set(moment_s)
                case WorkerSetUp():
                    pass  # only the first frame is one
    except EOFError:
        calls.put(None)


def end_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends, which is a thread of the daemon."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the daemon has gone already")
    Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")


def _set_up(setting: WorkerSetUp, connection: socket.socket) -> None:
    """Apply the limits, send log lines to the daemon, and call the warm-up functions."""
    if setting.version != __version__:
        wrong = f"the daemon is eclgrmd {setting.version}, its workers {__version__}: restart it"
        _say(connection, Failed(wrong))
        sys.exit(1)
    if setting.memory_limit_bytes is not None:
        # RLIMIT_DATA, not RLIMIT_AS: large files that are only mapped must not count.
        limit = (setting.memory_limit_bytes, setting.memory_limit_bytes)
        resource.setrlimit(resource.RLIMIT_DATA, limit)
    if setting.sandbox is not None:
        enter(setting.sandbox)

    def hand_over(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
        _say(connection, LogLine(plain(fields)))
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
        outcome = _answer(Call(target, ()), setting.sandbox)
        if isinstance(outcome, Failed):
            _say(connection, outcome)
            sys.exit(1)
    _say(connection, Ready())


def _say(connection: socket.socket, frame: FromWorker) -> None:
    connection.sendall(pack(frame))


def _answer(call: Call, process: Sandbox | None) -> Done | Failed:
    try:
        with bound_contextvars(**call.context):
            _make_scratch()
            function = find(call.target)
            args = _arguments(function, call.args)
            value = _computed(call, process, lambda: function(*args))
            return Done(msgspec.Raw(msgspec.msgpack.encode(value)))
    except Exception as error:  # noqa: BLE001 - every error is reported to the daemon
        return report(error)


def _computed(call: Call, process: Sandbox | None, compute: Callable[[], object]) -> object:
    """Compute with the limits of the call, in a thread of its own: they are for its whole life.

    Linux has a nice value for each thread, and without privileges it can only be raised. So the
    main thread keeps its own.
    """
    if not call.background and call.sandbox is None:
        return compute()

    def limited() -> object:
        if call.background:
            with contextlib.suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICE)
        if call.sandbox is not None and process is not None:
            narrow(call.sandbox, process)
        return compute()

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(copy_context().run, limited).result()


def _make_scratch() -> None:
    """Make the folder for temporary files again if it was removed; every call needs it."""
    if folder := os.environ.get("TMPDIR"):
        with contextlib.suppress(OSError):  # the function that uses the folder reports the reason
            Path(folder).mkdir(parents=True, exist_ok=True)


def _lost_scratch() -> bool:
    folder = os.environ.get("TMPDIR")
    return folder is not None and not Path(folder).is_dir()


@cache
def find(target: str) -> Any:
    """Return what a ``module:name`` names."""
    module, _, name = target.partition(":")
    return reduce(getattr, name.split("."), importlib.import_module(module))


def _arguments(function: Callable[..., Any], packed: tuple[msgspec.Raw, ...]) -> list[Any]:
    """Decode the arguments as the types of the parameters."""
    kinds = _parameter_types(function)
    return [
        msgspec.msgpack.decode(each, type=kinds[number] if number < len(kinds) else Any)
        for number, each in enumerate(packed)
    ]


@cache
def _parameter_types(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the types of the positional parameters; a function of C has none."""
    if not inspect.isfunction(function):
        return ()
    parameters = inspect.signature(function).parameters.values()
    return tuple(
        Any if each.annotation is each.empty else each.annotation
        for each in parameters
        if each.kind is not each.VAR_POSITIONAL
    )
