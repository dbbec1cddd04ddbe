"""What a worker process may reach: files by Landlock, sockets and programs by seccomp.

A worker reads files from outside. If one of them takes it over, it finds no network, no program to
start, and no file but those of its pool's work. `narrow` limits one call further, to the files of
one task. Each guard is used where the system has it; `held` tries whether it holds.
"""

import contextlib
import errno
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

__all__ = ["Sandbox", "enter", "held", "narrow"]

_MOST_FILE_BYTES = 64_000_000_000
"""Largest file that a worker may write; the inspection of a file sets a smaller limit."""
_MOST_DESCRIPTORS = 4096
_CODE = str(Path(__file__).resolve().parents[2])
"""Folder of the package `eclgrmd`."""
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/localtime",
    "/etc/mime.types",
    "/proc",  # of other processes, Landlock hides what matters
    "/sys/devices/system",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
)
"""What libraries read."""
_DENIED = (
    *("socket", "connect", "bind", "listen", "accept", "accept4"),
    *("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"),
    *("mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "bpf", "userfaultfd"),
    *("io_uring_setup", "keyctl", "add_key", "request_key", "perf_event_open", "init_module"),
    *("finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff"),
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"),
)
"""System calls that fail in a worker."""


class Sandbox(Struct, frozen=True):
    """What a worker process may reach, beside its program and libraries."""

    read: tuple[str, ...] = ()
    """Files and folders to read; `/`: all."""
    write: tuple[str, ...] = ()
    """Folders to read and write."""
    shared: tuple[str, ...] = ()
    """The same for what all calls share, such as compiled kernels; `narrow` leaves these open."""


def enter(sandbox: Sandbox) -> None:
    """Limit this thread, and all that it starts, to a sandbox, for ever."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _MOST_FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, _MOST_DESCRIPTORS)
    _restrict_files(sandbox)
    _restrict_calls()


def narrow(call: Sandbox, process: Sandbox) -> None:
    """Limit this thread to the files of one call and to what all calls of the process share.

    Threads share memory: this holds against a wrong path, name or link in a file, and against code
    that stays in this thread. What takes over the whole process still is in the sandbox of `enter`.

    Parameters
    ----------
    call
        The files of the call; missing folders to write are made.
    process
        The sandbox of the process.
    """
    for folder in call.write:
        with contextlib.suppress(OSError):  # the function that writes there reports the reason
            Path(folder).mkdir(parents=True, exist_ok=True)
    scratch = filter(None, [os.environ.get("TMPDIR")])
    _restrict_files(Sandbox(call.read, (*call.write, *scratch), process.shared))


def held(probe: str) -> dict[str, bool]:
    """Try in a worker what its sandbox should prevent; return for each guard whether it holds.

    Parameters
    ----------
    probe
        A file outside of the sandbox that exists and that the user may read.
    """
    unlimited = resource.RLIM_INFINITY
    return {
        "memory": resource.getrlimit(resource.RLIMIT_DATA)[1] != unlimited,
        "file size": resource.getrlimit(resource.RLIMIT_FSIZE)[1] != unlimited,
        "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= _MOST_DESCRIPTORS,
        "other files": _fails(lambda: Path(probe).read_bytes()),
        "network": _fails(_open_socket),
        "other programs": _fails(_start_program),
        "other processes": _fails(lambda: os.kill(os.getppid(), 0)),
    }


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _restrict_files(sandbox: Sandbox) -> None:
    from landlockpy import AccessFS, LandlockError, Ruleset  # noqa: PLC0415

    seen = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    changed = (
        *(AccessFS.WRITE_FILE, AccessFS.TRUNCATE, AccessFS.REFER, AccessFS.MAKE_REG),
        *(AccessFS.MAKE_DIR, AccessFS.MAKE_SYM, AccessFS.REMOVE_FILE, AccessFS.REMOVE_DIR),
    )
    every = seen
    for each in changed:
        every |= each
    # `python -m` puts the working directory on the path, which may be any folder.
    places = [place for place in sys.path if place not in {"", str(Path.cwd())}]
    program = {sys.prefix, sys.base_prefix, _CODE, *places}
    # LandlockError: the kernel is older than 5.13, or has it switched off.
    with contextlib.suppress(LandlockError), Ruleset() as rules:
        for path in _existing([*_SYSTEM, *program, *sandbox.read]):
            rules.allow_path(path, seen if os.path.isdir(path) else AccessFS.READ_FILE)  # noqa: PTH112
        for path in _existing(["/dev/null"]):
            rules.allow_path(path, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        for path in _existing([*sandbox.write, *sandbox.shared]):
            rules.allow_path(path, every)
        rules.restrict()


def _restrict_calls() -> None:
    try:
        import pyseccomp  # noqa: PLC0415
    except (ImportError, RuntimeError, OSError):  # without libseccomp
        return
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _DENIED:
        # A call that this architecture does not have needs no rule.
        with contextlib.suppress(OSError, ValueError):
            calls.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    # The daemon is the same user's, so that nothing else keeps a worker from ending or limiting it.
    own = os.getpid()
    for name, allowed in (("kill", own), ("tgkill", own), ("prlimit64", 0)):
        others = pyseccomp.Arg(0, pyseccomp.NE, allowed)
        with contextlib.suppress(OSError, ValueError):
            calls.add_rule(pyseccomp.ERRNO(errno.EPERM), name, others)
    with contextlib.suppress(OSError):  # a kernel without seccomp
        calls.load()


def _existing(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if os.path.exists(path)]  # noqa: PTH110 - a path may be ""


def _fails(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _open_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _start_program() -> None:
    subprocess.run(["/bin/true"], check=False)
