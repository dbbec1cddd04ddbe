"""Outcomes of steps: kept with the products, and recalled by a re-run where nothing changed.

The same key is the same outcome: it covers the input files, the configuration keys that the step
declares, the outcomes of the steps before, and the software. What a step gives is packed and
unpacked even where it was just computed, so that the steps after it cannot tell the difference.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected, step_key
from eclgrmd.model.result import Result, StepRecord
from eclgrmd.products.product import MSGPACK, Product, ProductKind

from .code import code_sha256
from .packing import pack, unpack

__all__ = ["STEPS_NAME", "StepMemory", "recorded_steps"]

STEPS_NAME = "steps.msgpack"
T = TypeVar("T")
_MOST_BYTES = 1 << 29
"""Largest stored outcome that is unpacked; a larger one is computed anew."""


class _Kept(Struct, frozen=True):
    key: str
    sha256: str
    content: bytes


class _File(Struct, frozen=True):
    steps: dict[str, _Kept]
    schema: str = "eclgrmd.steps/1"


class StepMemory:
    """Recalls or computes the steps of one task.

    Parameters
    ----------
    configuration
        Of the task.
    inputs
        Checksum of what is read beside it.
    earlier
        The outcomes kept by another task; None, or a file that is gone or damaged: all steps are
        computed.
    recorded
        What the result of that task says of its steps: an outcome that is another one was changed
        since, and is computed anew.
    """

    def __init__(
        self,
        configuration: TaskConfiguration,
        inputs: str,
        earlier: Path | None = None,
        recorded: Sequence[StepRecord] = (),
    ) -> None:
        self._configuration = configuration
        self._code = code_sha256()
        read = step_key(STEPS[StepName.READ], configuration, {}, self._code + inputs)
        self._above: dict[str, str] = {StepName.READ: read}
        self._known = _kept_in(earlier)
        says = {step.name: (step.key, step.sha256) for step in recorded}
        self.changed = tuple(
            name for name, kept in self._known.items() if says.get(name) != (kept.key, kept.sha256)
        )
        """Steps whose stored outcome is not the one that was recorded."""
        self._made: dict[str, _Kept] = {}
        self._reused: set[StepName] = set()

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Give the outcome of a step; `analysis.burst.Recall`."""
        key = step_key(STEPS[name], self._configuration, self._above, self._code)
        kept = None if name in self.changed else self._known.get(name)
        value = None
        if kept is not None and kept.key == key:
            value = _unpacked(kept, kind)
        if kept is None or value is None:
            content = pack(compute(projected(self._configuration, STEPS[name])))
            kept = _Kept(key, hashlib.sha256(content).hexdigest(), content)
            value = unpack(content, kind)
        else:
            self._reused.add(name)
        self._made[name] = kept
        self._above[name] = kept.sha256
        return value

    def records(self) -> tuple[StepRecord, ...]:
        """Tell what became of each step."""
        return tuple(
            StepRecord(name, kept.key, kept.sha256, name in self._reused)
            for name, kept in self._made.items()
        )

    def product(self) -> Product:
        """Give all outcomes as a file for later re-runs."""
        content = msgspec.msgpack.encode(_File(self._made))
        return Product(STEPS_NAME, ProductKind.STEPS, MSGPACK, content)


def recorded_steps(earlier: Path) -> tuple[StepRecord, ...]:
    """Return what the result beside stored outcomes says of them; nothing where it is not whole."""
    try:
        content = (earlier.parent / "result.json").read_bytes()
        return msgspec.json.decode(content, type=Result).process.steps
    except (OSError, msgspec.DecodeError, RecursionError):
        return ()


def _kept_in(path: Path | None) -> dict[str, _Kept]:
    if path is None:
        return {}
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_File).steps
    except (OSError, msgspec.DecodeError, RecursionError):
        return {}


def _unpacked(kept: _Kept, kind: type[T]) -> T | None:
    """Unpack what was kept, if it is whole."""
    if hashlib.sha256(kept.content).hexdigest() != kept.sha256:
        return None
    try:
        return unpack(kept.content, kind, _MOST_BYTES)
    except ValueError:
        return None
