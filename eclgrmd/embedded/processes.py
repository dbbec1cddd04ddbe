"""Child processes that end with the daemon, and the clean-up of those that did not."""

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
    """Return the path of a program; search the folder of this Python, PATH and the sbin folders.

    Raises
    ------
    FatalError
        If it is not found; the text ends with ``remedy``.
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

    ``setpriv`` requests that from the kernel and then executes the program. So no Python code runs
    between fork and exec, which would be unsafe in a process with threads.
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
    """Terminate a child, and kill it after ``limit_s`` seconds; return its exit status."""
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
    """End processes that an earlier daemon left behind; return their ids.

    An orphan has exactly ``argument`` in its command line *and* one of ``folders`` as its working
    directory. The inodes are compared, not the names: a container may have a server with the same
    paths. The caller holds locks on the folders, so any other process in them is an orphan.
    """
    return await asyncio.to_thread(_end_orphans, argument, folders, limit_s)


def _end_orphans(argument: str, folders: Sequence[Path], limit_s: float) -> list[int]:
    orphans = list(_find(argument.encode(), folders))
    for pid in orphans:
        _end(pid, limit_s)
    return orphans


def _find(argument: bytes, folders: Sequence[Path]) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        # A process may end meanwhile, and those of other users are not readable.
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
