"""Replay: repeat a run and compare its products, bit for bit."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from eclgrmd.formats.fits.astropy_fits import fits
from eclgrmd.model.pipeline import STEPS_NAME, Stage
from eclgrmd.products.result import software_versions

from .code import processor
from .earlier_run import EarlierRun, read_earlier_run, replay_request
from .memory import without_digest
from .runner import run
from .task_log import LOG_NAME

__all__ = ["Replay", "replay"]

_MOST_DIFFERENCES = 20
"""Differences of one product that are listed; more make the list unreadable."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The comparison of a run with its repetition."""

    same: tuple[str, ...]
    """Names of the products that are the same, bit for bit."""
    different: dict[str, tuple[str, ...]]
    """Differences of the other products, by name."""
    environment: tuple[str, ...]
    """Software versions and processor that differ from those of the first run."""


def replay(
    product: Path, data: Sequence[Path], report: Callable[[Stage], None] | None = None
) -> Replay:
    """Repeat all steps of the run that a product belongs to, and compare the products.

    The log is not compared, because it contains times; nor is the mark of reused steps.

    Parameters
    ----------
    product
        A product, or the folder of all products.
    data
        Files, or folders with files, that may be the inputs.
    report
        Called with each stage as it begins.

    Raises
    ------
    InputError
        If there is no result.json, or if an input is not found.
    """
    earlier = read_earlier_run(product)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-replay-") as name:
        again = Path(name)
        run(replay_request(earlier, again, data), report or (lambda _stage: None))
        names = sorted(
            {path.name for folder in (earlier.folder, again) for path in folder.iterdir()}
            - {LOG_NAME}
            - {file.name for file in earlier.result.inputs}
        )
        differences = {
            each: tuple(_differences(earlier.folder / each, again / each)) for each in names
        }
    return Replay(
        same=tuple(each for each, found in differences.items() if not found),
        different={each: found for each, found in differences.items() if found},
        environment=tuple(_environment(earlier)),
    )


def _differences(before: Path, after: Path) -> Iterator[str]:
    if not (before.is_file() and after.is_file()):
        yield "is not among the products of the first run" if after.exists() else "was not made"
        return
    old, new = before.read_bytes(), after.read_bytes()
    if old == new or (before.name == STEPS_NAME and without_digest(old) == without_digest(new)):
        return
    if before.name == "result.json":
        yield from _json_differences(_without_reuse(old), _without_reuse(new))
    elif before.suffix == ".fits":
        yield from _fits_differences(before, after)
    else:
        yield f"{len(old)} and {len(new)} bytes that differ"


def _without_reuse(content: bytes) -> Any:
    document = msgspec.json.decode(content)
    for step in document["process"]["steps"]:
        del step["reused"]
    return document


def _json_differences(before: Any, after: Any) -> Iterator[str]:
    found = _unequal(before, after, "")
    yield from itertools.islice(found, _MOST_DIFFERENCES)
    if any(True for _ in found):
        yield "and more"


def _unequal(before: Any, after: Any, pointer: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _unequal(before.get(key), after.get(key), f"{pointer}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _unequal(old, new, f"{pointer}/{i}")
    elif before != after:
        yield f"{pointer}: {before!r} became {after!r}"


def _fits_differences(before: Path, after: Path) -> Iterator[str]:
    lines = fits.FITSDiff(str(before), str(after)).report().splitlines()
    # Lines with a slash at the begin are the paths of the two files.
    shown = [" ".join(line.split()) for line in lines if line.strip() and "/" not in line[:4]]
    yield from shown[:_MOST_DIFFERENCES] or ["bytes that differ, but no header or table does"]


def _environment(earlier: EarlierRun) -> Iterator[str]:
    now = {**software_versions(), "processor": processor()}
    then = {**earlier.result.software, "processor": earlier.result.process.processor}
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield f"{name}: {then.get(name)} became {now.get(name)}"
