"""Child processes that die with the daemon, and the orphans that once did not."""

import asyncio
import contextlib
import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from eclgrmd.errors import FatalError

__all__ = ["end_orphans", "end_process", "find_program", "spawn"]


def find_program(name: str, remedy: str) -> Path:
    """Path of the program ``name``, looked for beside this Python, in PATH and in the sbin folders.

    Raises
    ------
    FatalError
        It is nowhere; the text ends with ``remedy``.
    """
    folders = [Path(sys.executable).parent, *map(Path, os.get_exec_path())]
    folders += [Path("/usr/sbin"), Path("/usr/local/sbin"), Path("/usr/local/bin")]
    found = shutil.which(name, path=os.pathsep.join(map(str, folders)))
    if found is None:
        raise FatalError(f"{name} is not installed: {remedy}")
    return Path(found)


async def spawn(
    command: Sequence[str], folder: Path, *, with_input: bool = False
) -> asyncio.subprocess.Process:
    """Start ``command`` in ``folder``; the kernel ends it when this thread ends.

    ``setpriv`` asks the kernel for that and becomes the program itself: nothing of ours runs
    between fork and exec, which would not be safe beside threads.
    """
    setpriv = find_program("setpriv", "run 'apt-get install util-linux'")
    return await asyncio.create_subprocess_exec(
        *(str(setpriv), "--pdeathsig", "TERM", "--", *command),
        stdin=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.STDOUT if with_input else asyncio.subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
    )


async def end_process(process: asyncio.subprocess.Process, limit_s: float) -> int:
    """End a child politely, after ``limit_s`` seconds surely; return its exit status."""
    _signal(process, signal.SIGTERM)
    try:
        async with asyncio.timeout(limit_s):
            return await process.wait()
    except TimeoutError:
        _signal(process, signal.SIGKILL)
        return await process.wait()


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    # Not Process.send_signal, which may take the exit status away from asyncio.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


async def end_orphans(argument: str, folders: Sequence[Path], limit_s: float) -> list[int]:
    """End what an earlier daemon left behind, and return the process ids.

    An orphan names exactly ``argument`` in its command line *and* works in one of ``folders``, the
    same inodes and not only the same names: so a server of a container that has equal paths is
    none.  The caller holds these folders locked: whoever else is in there is left over.
    """
    return await asyncio.to_thread(_end_orphans, argument, folders, limit_s)


def _end_orphans(argument: str, folders: Sequence[Path], limit_s: float) -> list[int]:
    orphans = list(_find(argument.encode(), folders))
    for pid in orphans:
        _end(pid, limit_s)
    return orphans


def _find(argument: bytes, folders: Sequence[Path]) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        # Processes end while we look, and those of other users do not let us see.
        with contextlib.suppress(OSError):
            if argument not in (process / "cmdline").read_bytes().split(b"\0"):
                continue
            if any((process / "cwd").samefile(folder) for folder in folders if folder.exists()):
                yield int(process.name)


def _end(pid: int, limit_s: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not select.select([handle], [], [], limit_s)[0]:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], limit_s)
        finally:
            os.close(handle)
