"""A machine of our own: a real systemd as PID 1, in namespaces."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.support.limits import LIMIT_S

__all__ = ["Box", "running_box", "why_not"]

R = TypeVar("R")
_SCRIPT = Path(__file__).with_name("booted.sh")
_TOOLS = ("unshare", "nsenter", "setpriv", "dpkg")
_CLONE_NEWNET = 0x40000000
_ENVIRONMENT = (
    *("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    *("HOME=/root", "LANG=C.UTF-8", "TERM=dumb", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER="),
    "DEBIAN_FRONTEND=noninteractive",
)


def why_not() -> str:
    """Say why there can be no box here; nothing if there can."""
    if os.geteuid() != 0:
        return "only root may make the namespaces of a booted system"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed (apt-get install systemd)"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    probe = (
        "d=$(mktemp -d); mkdir $d/c $d/t; trap 'umount -l $d/t $d/c; rm -r $d' EXIT;"
        "mount -t cgroup2 none $d/c && mount -t tmpfs none $d/t && mkdir $d/t/u $d/t/w $d/t/r &&"
        "mount -t overlay -o lowerdir=/,upperdir=$d/t/u,workdir=$d/t/w none $d/t/r && umount $d/t/r"
    )
    kinds = ["--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup"]
    done = subprocess.run(
        ["unshare", *kinds, "sh", "-c", probe], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"namespaces or mounts are not permitted here: {done.stderr.strip()[-200:]}"
    return ""


class Box:
    """A booted system."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        """Of its PID 1, seen from here."""

    def run(
        self, *command: str, check: bool = True, limit_s: float = LIMIT_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-a", "--", *_ENVIRONMENT, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def out(self, *command: str, check: bool = True) -> str:
        """Return the output of a command."""
        return self.run(*command, check=check).stdout.strip()

    def connected(self, *command: str | Path, limit_s: float) -> subprocess.CompletedProcess[str]:
        """Run a command of this machine that sees the network of the box."""
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), "-n", "--", *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )

    def call(self, function: Callable[[], R]) -> R:
        """Call a function in a thread that sees the network of the box."""
        with ThreadPoolExecutor(1, initializer=self._enter_network) as pool:
            return pool.submit(function).result()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        script = 'mkdir -p "$(dirname "$0")" && printf %s "$1" >"$0"'
        self.run("sh", "-c", script, path, text)

    def until(self, look: Callable[[], R], *, limit_s: float = LIMIT_S) -> R:
        """Wait until something is so; the unit's journal is told when it never is."""
        end = time.monotonic() + limit_s
        while not (found := look()):
            if time.monotonic() > end:
                raise AssertionError(f"waited for {limit_s:g} s\n{self.journal()}")
            time.sleep(0.05)
        return found

    def journal(self) -> str:
        """Return the last lines of the journal of the unit."""
        return self.out("journalctl", "-u", "eclgrmd", "-n", "60", "--no-pager")

    def shown(self, name: str, unit: str = "eclgrmd.service") -> str:
        """Return a property of a unit."""
        return self.out("systemctl", "show", "-P", name, unit)

    def _enter_network(self) -> None:
        with Path(f"/proc/{self.pid}/ns/net").open("rb") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "cannot enter the network of the box")


@contextmanager
def running_box(folder: Path, binds: Sequence[Path] = ()) -> Iterator[Box]:
    """Boot a system; it ends with the context, or with this process.

    ``binds`` are folders of this machine that it sees, read-only, under ``/box``.
    """
    name = f"eclgrmd-box-{os.getpid()}"
    console = (folder / "console.log").open("wb")
    command = ["unshare", "--mount", "--propagation", "private", "bash", str(_SCRIPT), "outside"]
    with (
        console,
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command, folder, name, *binds],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
        ) as outside,
    ):
        try:
            yield _booted(outside, folder)
        finally:
            outside.kill()  # takes PID 1 along, and PID 1 everything
            outside.wait()
            _remove_cgroup(folder, name)


def _booted(outside: subprocess.Popen[bytes], folder: Path) -> Box:
    end = time.monotonic() + 30.0
    while time.monotonic() < end and outside.poll() is None:
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{outside.pid}/task/{outside.pid}/children").read_text()
            for child in children.split():
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    box = Box(int(child))
                    state = box.run("systemctl", "is-system-running", check=False).stdout.strip()
                    if state in {"running", "degraded"}:
                        return box
        time.sleep(0.05)
    raise AssertionError(f"systemd does not come up: {(folder / 'console.log').read_text()}")


def _remove_cgroup(folder: Path, name: str) -> None:
    script = (
        'mount -t cgroup2 none "$0" || exit 0; for i in 1 2 3 4 5 6 7 8 9; do '
        'find "$0/$1" -depth -type d -exec rmdir {} + 2>/dev/null; [ -d "$0/$1" ] || break; '
        "sleep 0.1; done"
    )
    subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, folder / "cgroup", name],
        check=False,
        capture_output=True,
    )
