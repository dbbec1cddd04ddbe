"""Writes all of DC-0: each burst's files in its own folder, with truth and tasks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec.structs import replace

from eclgrmd.model.messages.incoming import TaskRequest
from eclgrmd.model.names import FileKind
from testbench.simulate.files.write import WrittenFile, write_files

from .burst import Burst, Trap
from .bursts import DC0_BURSTS, burst_named
from .task_list import tasks_for
from .traps import prepare
from .truth import Truth, truth_of

__all__ = ["Dc0", "Progress", "SimulatedBurst", "SimulatedFile", "simulate_dc0", "write_burst"]

Progress = Callable[[str, int, int], None]
"""Called before each burst with its name, its number from 1, and the number of bursts."""


@dataclass(frozen=True, slots=True)
class SimulatedFile:
    """A data file that was written."""

    path: Path
    """Path of the file."""
    kind: FileKind
    """Kind of data that it holds."""
    sha256: str
    """SHA-256 of the content, hexadecimal."""
    size: int
    """Size, bytes."""

    @property
    def name(self) -> str:
        """Name of the file without its folder."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class SimulatedBurst:
    """A burst of DC-0 on disk."""

    name: str
    """Name of the burst in DC-0."""
    burst_id: str
    """Burst id in the mission's form."""
    folder: Path
    """Folder of its files."""
    truth: Truth
    """What an ideal analysis would find."""
    files: tuple[SimulatedFile, ...]
    """Data files in the folder."""
    tasks: tuple[TaskRequest, ...]
    """Tasks that a scientist would send, with inputs from `files`."""


@dataclass(frozen=True, slots=True)
class Dc0:
    """All bursts that were simulated."""

    folder: Path
    """Folder with one folder per burst."""
    seed: int
    """Seed of the simulation."""
    bursts: tuple[SimulatedBurst, ...]
    """Bursts in the order of the simulation."""


def simulate_dc0(
    folder: Path,
    seed: int,
    bursts: tuple[str, ...] | None = None,
    progress: Progress | None = None,
    traps: tuple[Trap, ...] = (),
) -> Dc0:
    """Simulate bursts of DC-0 into a folder; the same seed gives the same bytes.

    Parameters
    ----------
    folder
        Gets one folder per burst, named by its burst id. Created if it does not exist.
    seed
        Any non-negative number.
    bursts
        Names or burst ids; None: all of them.
    progress
        Called before each burst is simulated.
    traps
        Switched on for every burst, in addition to its own.

    Raises
    ------
    KeyError
        If a burst is unknown.
    """
    chosen = DC0_BURSTS if bursts is None else tuple(burst_named(name) for name in bursts)
    written = []
    for number, burst in enumerate(chosen, start=1):
        if progress is not None:
            progress(burst.name, number, len(chosen))
        trapped = replace(burst, traps=tuple(dict.fromkeys((*burst.traps, *traps))))
        written.append(write_burst(folder / burst.burst_id, trapped, seed))
    return Dc0(folder, seed, tuple(written))


def write_burst(folder: Path, burst: Burst, seed: int) -> SimulatedBurst:
    """Simulate one burst into its folder: data files, `truth.json` and `tasks.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    burst = prepare(burst)
    truth = truth_of(burst)
    written = write_files(folder, burst, seed)
    tasks = tasks_for(burst, written)
    _write_json(folder / "truth.json", truth)
    _write_json(folder / "tasks.json", tasks)
    files = tuple(_measured(file) for file in written)
    return SimulatedBurst(burst.name, burst.burst_id, folder, truth, files, tasks)


def _measured(file: WrittenFile) -> SimulatedFile:
    with file.path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return SimulatedFile(file.path, file.kind, sha256, file.path.stat().st_size)


def _write_json(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
