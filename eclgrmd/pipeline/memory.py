"""The memory of steps: their outcomes are stored with the products and reused by a re-run.

The key of an outcome covers the input files, the configuration keys that the step declares, the
outcomes of the steps before it, and the software: the same key means the same outcome. An outcome
that was just computed is packed and unpacked, too, so that later steps see the same bits in both
cases. Only what carries the keyed digest of this installation is reused: a file that was made
elsewhere or by hand may be consistent in itself and wrong.
"""

import hashlib
import hmac
import mmap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.configuration.steps import STEPS, StepName, projected, step_key
from eclgrmd.model.interval import Interval
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.result import Result, StepRecord
from eclgrmd.model.result.reading import read_result
from eclgrmd.products.product import MSGPACK, Product, ProductKind

from .code import code_sha256
from .packing import pack, pack_loose, pack_plain, unpack, unpack_loose, unpack_plain

__all__ = [
    "PassingSteps",
    "StepMemory",
    "StoredSteps",
    "recorded_steps",
    "stored_result",
    "without_digest",
]

T = TypeVar("T")
_MOST_BYTES = 1 << 29
"""Largest outcome that is unpacked, in bytes, so that a crafted file cannot fill the memory; a
larger one is computed again."""


class _Kept(Struct, frozen=True):
    key: str
    sha256: str
    content: bytes


class _File(Struct, frozen=True, kw_only=True):
    steps: dict[str, _Kept]
    schema: str = "eclgrmd.steps/1"
    window_s: Interval | None = None
    digest: str = ""
    """Keyed digest over the outcomes and the window; the data are not covered, because no step
    takes them from here."""
    observation: memoryview = memoryview(b"")
    """The data, packed without compression: the outcome of the step `read`. Last, because it is by
    far the largest part."""


class StepMemory:
    """Recalls or computes the steps of one task.

    Parameters
    ----------
    configuration
        Configuration of the task.
    inputs
        Checksum of everything else that is read (`reading.request_sha256`).
    earlier
        File with the outcomes of an earlier task; if it is None, missing or damaged, all steps are
        computed.
    recorded
        The steps in the result of that task. A stored outcome that differs from them was changed
        since, and is computed again.
    key
        Key of the digest over the stored outcomes. A file with another digest is not believed.
    """

    def __init__(
        self,
        configuration: TaskConfiguration,
        inputs: str,
        earlier: Path | None = None,
        recorded: Sequence[StepRecord] = (),
        *,
        key: bytes,
    ) -> None:
        self._key = key
        self._configuration = configuration
        self._code = code_sha256()
        read = step_key(STEPS[StepName.READ], configuration, {}, self._code + inputs)
        self._before: dict[str, str] = {StepName.READ: read}
        """Checksums of the outcomes so far, by step."""
        file = _read(earlier)
        self._known = file.steps
        signed = _is_signed(file, key)
        expected = {step.name: (step.key, step.sha256) for step in recorded}
        self.changed = tuple(
            name
            for name, kept in self._known.items()
            if not signed or expected.get(name) != (kept.key, kept.sha256)
        )
        """Steps whose stored outcome differs from the recorded one, or is not from here."""
        self.window_s: Interval | None = None
        """Window of the wider search in which the burst was found, seconds from t0; None: the
        configured one."""
        self._outcomes: dict[str, _Kept] = {}
        self._reused: set[StepName] = set()

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the outcome of a step, recalled or computed (see `analysis.burst.Recall`)."""
        key = step_key(STEPS[name], self._configuration, self._before, self._code)
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
        self._outcomes[name] = kept
        self._before[name] = kept.sha256
        return value

    def records(self) -> tuple[StepRecord, ...]:
        """Return the steps so far: key, checksum, and whether the outcome was reused."""
        return tuple(
            StepRecord(name, kept.key, kept.sha256, name in self._reused)
            for name, kept in self._outcomes.items()
        )

    def product(self, observation: Observation) -> Product:
        """Return a product with the data and all outcomes, for re-runs, pictures and previews."""
        file = _File(
            steps=self._outcomes,
            window_s=self.window_s,
            digest=_digest(self._outcomes, self.window_s, self._key),
            observation=memoryview(pack_plain(observation)),
        )
        return Product(STEPS_NAME, ProductKind.STEPS, MSGPACK, msgspec.msgpack.encode(file))


class PassingSteps:
    """Computes the steps of one result among many, keeps their checksums and no outcome.

    The checksums are those of the outcomes without compression, which would take longer than some
    of the steps. They can be compared with those of other results of this class only.

    Parameters
    ----------
    configuration
        Configuration.
    inputs
        Checksum of everything else that is read (`reading.request_sha256`).
    """

    window_s: Interval | None = None

    def __init__(self, configuration: TaskConfiguration, inputs: str) -> None:
        self._configuration = configuration
        self._code = code_sha256()
        read = step_key(STEPS[StepName.READ], configuration, {}, self._code + inputs)
        self._before: dict[str, str] = {StepName.READ: read}
        self._records: list[StepRecord] = []

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the computed outcome of a step, with the same bits as a recalled one."""
        key = step_key(STEPS[name], self._configuration, self._before, self._code)
        content = pack_loose(compute(projected(self._configuration, STEPS[name])))
        sha256 = hashlib.sha256(content).hexdigest()
        self._records.append(StepRecord(name, key, sha256, reused=False))
        self._before[name] = sha256
        return unpack_loose(content, kind)

    def records(self) -> tuple[StepRecord, ...]:
        """Return the steps so far: key and checksum."""
        return tuple(self._records)


class StoredSteps:
    """Recalls the steps of a result that is complete, and computes none.

    Parameters
    ----------
    path
        File with the outcomes of the steps.
    recorded
        The steps in the result.
    key
        Key of the digest over the stored outcomes; None: do not check it, for what is only shown
        and becomes no product.
    """

    def __init__(
        self, path: Path, recorded: Sequence[StepRecord], *, key: bytes | None = None
    ) -> None:
        file = _read(path)
        self._known = file.steps if key is None or _is_signed(file, key) else {}
        self._recorded = {step.name: step.sha256 for step in recorded}
        self._observation = file.observation
        self.window_s = file.window_s
        """Window of the wider search in which the burst was found, seconds from t0; None: the
        configured one."""

    def observation(self) -> Observation:
        """Return the data, as arrays in the mapped file: only what is used is read.

        Raises
        ------
        PermanentError
            If they are missing, as in the files of older versions, or damaged.
        """
        try:
            return unpack_plain(self._observation, Observation)
        except ValueError as error:
            raise PermanentError(
                f"{STEPS_NAME}: the data are missing or damaged: run the task again"
            ) from error

    def __contains__(self, name: StepName) -> bool:
        """Return whether the result has a step."""
        return name in self._recorded

    def __call__(
        self, name: StepName, kind: type[T], compute: Callable[[TaskConfiguration], T]
    ) -> T:
        """Return the stored outcome of a step (see `outcome`); `compute` is not called."""
        return self.outcome(name, kind)

    def outcome(self, name: StepName, kind: type[T]) -> T:
        """Return the stored outcome of a step.

        Raises
        ------
        PermanentError
            If it is missing, damaged, or not the one in the result.
        """
        kept = self._known.get(name)
        recorded = kept is not None and kept.sha256 == self._recorded.get(name)
        value = _unpacked(kept, kind) if kept is not None and recorded else None
        if value is None:
            raise PermanentError(
                f"{STEPS_NAME}: the outcome of step {name} is missing or was changed: "
                "run the task again"
            )
        return value


def recorded_steps(earlier: Path) -> tuple[StepRecord, ...]:
    """Return the steps in the result beside a file of outcomes; none if it cannot be decoded."""
    try:
        return stored_result(earlier).process.steps
    except PermanentError:
        return ()


def stored_result(steps: Path) -> Result:
    """Return the result beside a file of outcomes.

    Raises
    ------
    PermanentError
        If it cannot be read.
    """
    path = steps.parent / "result.json"
    try:
        return read_result(path.read_bytes(), what=path.name)
    except (OSError, InputError) as error:
        raise PermanentError(f"the result cannot be read: {error}: run the task again") from error


def without_digest(content: bytes) -> bytes:
    """Return a file of outcomes without the digest, which depends on the installation."""
    file = msgspec.msgpack.decode(content, type=_File)
    return msgspec.msgpack.encode(msgspec.structs.replace(file, digest=""))


def _digest(steps: Mapping[str, _Kept], window_s: Interval | None, key: bytes) -> str:
    named = sorted((name, kept.key, kept.sha256) for name, kept in steps.items())
    return hmac.digest(key, msgspec.msgpack.encode((named, window_s)), "sha256").hex()


def _is_signed(file: _File, key: bytes) -> bool:
    return hmac.compare_digest(
        file.digest.encode(), _digest(file.steps, file.window_s, key).encode()
    )


def _read(path: Path | None) -> _File:
    if path is None:
        return _File(steps={})
    try:
        return msgspec.msgpack.decode(_mapped(path), type=_File)
    except (OSError, ValueError, RecursionError):  # ValueError: an empty file, and msgspec's errors
        return _File(steps={})


def _mapped(path: Path) -> mmap.mmap:
    """Return the content of a file, mapped: the outcomes are copied out of it, the data are not."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _unpacked(kept: _Kept, kind: type[T]) -> T | None:
    """Return a stored outcome; None if it is damaged."""
    if hashlib.sha256(kept.content).hexdigest() != kept.sha256:
        return None
    try:
        return unpack(kept.content, kind, _MOST_BYTES)
    except ValueError:
        return None
