"""A run made again, to see whether it gives the same to the bit."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from astropy.io import fits

from eclgrmd.model.pipeline import Stage
from eclgrmd.products.result import software_versions

from .code import processor
from .earlier_run import EarlierRun, read_earlier_run, replay_request
from .runner import run
from .task_log import LOG_NAME

__all__ = ["Replay", "replay"]

_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a run that was made again."""

    same: tuple[str, ...]
    """Products that are the same to the bit."""
    different: dict[str, tuple[str, ...]]
    """What is not the same in the others, by name."""
    environment: tuple[str, ...]
    """Versions and processor that are not those of the first run."""


def replay(
    product: Path, data: Sequence[Path], report: Callable[[Stage], None] | None = None
) -> Replay:
    """Make the run that a product belongs to again, all steps of it, and compare the products.

    The log is left out, it tells times; so is whether a step was reused.

    Parameters
    ----------
    product
        A product, or the folder of all.
    data
        Where the inputs may lie.
    report
        Is told each stage as it begins.

    Raises
    ------
    InputError
        If there is no result.json, or an input is gone.
    """
    made = read_earlier_run(product)
    with tempfile.TemporaryDirectory(prefix="eclgrmd-replay-") as name:
        again = Path(name)
        run(replay_request(made, again, data), report or (lambda _stage: None))
        names = sorted(
            {path.name for folder in (made.folder, again) for path in folder.iterdir()}
            - {LOG_NAME}
            - {file.name for file in made.result.inputs}
        )
        told = {each: tuple(_differences(made.folder / each, again / each)) for each in names}
    return Replay(
        same=tuple(each for each, found in told.items() if not found),
        different={each: found for each, found in told.items() if found},
        environment=tuple(_environment(made)),
    )


def _differences(before: Path, after: Path) -> Iterator[str]:
    if not (before.is_file() and after.is_file()):
        yield "is not among the products of the first run" if after.exists() else "was not made"
        return
    old, new = before.read_bytes(), after.read_bytes()
    if old == new:
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
    yield from itertools.islice(found, _MOST_TOLD)
    if any(True for _ in found):
        yield "and more"


def _unequal(before: Any, after: Any, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _unequal(before.get(key), after.get(key), f"{place}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _unequal(old, new, f"{place}/{i}")
    elif before != after:
        yield f"{place}: {before!r} became {after!r}"


def _fits_differences(before: Path, after: Path) -> Iterator[str]:
    lines = fits.FITSDiff(str(before), str(after)).report().splitlines()
    told = [" ".join(line.split()) for line in lines if line.strip() and "/" not in line[:4]]
    yield from told[:_MOST_TOLD] or ["bytes that differ, but no header or table does"]


def _environment(made: EarlierRun) -> Iterator[str]:
    now = {**software_versions(), "processor": processor()}
    then = {**made.result.software, "processor": made.result.process.processor}
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            yield f"{name}: {then.get(name)} became {now.get(name)}"
