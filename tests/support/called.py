"""Functions that a worker process runs in tests, good ones and bad ones."""

import ctypes
import os
import shutil
import signal
import struct
import time
from pathlib import Path
from typing import Any

import structlog

from eclgrmd.errors import InputError, TransientError


class StrangeError(Exception):
    """An error of a class that the daemon does not know."""


def echo(*args: Any) -> tuple[Any, ...]:
    return args


def pid() -> int:
    return os.getpid()


_remembered: list[int] = []


def remember() -> None:
    _remembered.append(os.getpid())


def remembered() -> int:
    """Return the process that called `remember`, of which this one may be a fork."""
    return _remembered[0]


def sleep(duration_s: float) -> float:
    time.sleep(duration_s)
    return duration_s


def touch_and_sleep(path: str, duration_s: float) -> None:
    Path(path).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(duration_s)


def append(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)


def link_to(path: str, name: str) -> int:
    """Make a symbolic link, and read through it."""
    Path(name).symlink_to(path)
    return len(Path(name).read_bytes())


def remove(path: str) -> None:
    shutil.rmtree(path)


def segfault() -> None:
    ctypes.string_at(0)


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(3)


def spin() -> None:
    while True:
        pass


def eat_memory(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def refuse() -> None:
    raise InputError("light curve has no rows")


def postpone() -> None:
    raise TransientError("not yet", delay_s=7.0)


def divide() -> float:
    return 1 / 0


def strange() -> None:
    raise StrangeError("very")


def undescribable() -> Any:
    return lambda: None


def wrong() -> int:
    return "text"  # type: ignore[return-value]  # this is what is wrong


def answer(payload: bytes, length: int | None = None) -> None:
    """Send bytes as the worker's answer, as code that took over the process could."""
    head = struct.pack("!Q", len(payload) if length is None else length)
    for opened in Path("/proc/self/fd").iterdir():
        if opened.is_socket():
            os.write(int(opened.name), head + payload)
    time.sleep(60.0)


def environment(name: str) -> str | None:
    return os.environ.get(name)


def say(text: str) -> None:
    structlog.get_logger().info(text, answer=42, path=Path("/x"))


def ignores_interrupt() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def broken_start() -> None:
    raise RuntimeError("no compiler here")


def die_unless_there() -> None:
    """Be killed as long as the cache folder is not there."""
    if not Path(os.environ["NUMBA_CACHE_DIR"]).exists():
        kill_myself()
