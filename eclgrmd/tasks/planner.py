"""The planner: decides from the rules and a burst's files which automatic tasks are due.

It is a pure function: the same rows at the same time give the same plan, in every daemon and after
every crash. It keeps three kinds of series up to date, each a sequence of versions of one analysis:

- `temporal-<instrument>`, once the instrument has a light curve, a history or an event list,
- `spectral-<instrument>`, once it has events or histories with a response, or a spectrum with
  background and response,
- `joint`, all instruments together, once each expected one has data for a spectrum; or, when the
  configured wait is over, with the data that are there, marked as incomplete.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from eclgrmd.model.file_set import HeldFile, choose_files
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.task import TaskState, TaskType
from eclgrmd.settings.daemon import AutomaticSettings

__all__ = ["JOINT", "EarlierTask", "Holdings", "Order", "Plan", "plan"]

JOINT = "joint"
"""The series of all instruments together."""

_OPEN = (TaskState.WAITING, TaskState.QUEUED)
"""States in which a newer version replaces a task."""
_BEGUN = (TaskState.RUNNING, TaskState.DONE)
"""States in which a task's PROC_VER is used up."""
_RESPONSES = (FileKind.RESPONSE, FileKind.ANCILLARY)
"""Calibration that a spectrum needs."""

Files = tuple[HeldFile, ...]


class EarlierTask(NamedTuple):
    """An automatic task of the burst that was submitted before."""

    task_id: str
    """Id of the task."""
    series: str
    """Series that it belongs to."""
    state: TaskState
    """Present state."""
    proc_ver: int
    """PROC_VER of its products, from 1."""
    checksums: frozenset[str]
    """Checksums of its inputs, 64 hexadecimal digits."""


class Holdings(NamedTuple):
    """Everything that the plan for a burst depends on, except rules and time."""

    burst_id: str
    """Id of the burst."""
    files: Sequence[HeldFile]
    """All its files, including refused and cleaned ones."""
    earlier: Sequence[EarlierTask] = ()
    """Its automatic tasks so far."""
    expected: frozenset[Instrument] = frozenset()
    """Instruments that a notification announced data of; empty: those that the rules name."""
    arriving: bool = False
    """Whether more files were announced and are still being downloaded."""


class Order(NamedTuple):
    """A task that is to be submitted now."""

    request: TaskRequest
    """The task."""
    series: str
    """Series that it belongs to."""
    proc_ver: int
    """PROC_VER of its products, from 1."""
    incomplete: str
    """Data that are missing; empty: none."""
    replaces: tuple[str, ...]
    """Ids of the tasks of the series that have not begun and are to be cancelled."""


class Plan(NamedTuple):
    """The tasks that are due now, and when to plan again."""

    orders: tuple[Order, ...]
    """Tasks to submit."""
    again_at: datetime | None
    """When something else becomes due, UTC without zone; None: only when files change."""


class _Wish(NamedTuple):
    """An analysis that the files of a burst allow."""

    series: str
    analysis: TaskType
    inputs: Files
    not_before: datetime | None = None
    """Earliest time to submit it, UTC without zone; None: at once."""
    incomplete: str = ""
    """Data that are missing; empty: none."""


def plan(rules: AutomaticSettings, burst: Holdings, now: datetime) -> Plan:
    """Return the tasks that are due for a burst.

    Files that arrive together are analysed together: a task is due when none of its files has
    arrived for `debounce_s` and no file is being downloaded, but at the latest `patience_s` after
    the first file. A task that has not begun is replaced. A running one goes on, and a task with
    the next version follows.

    Parameters
    ----------
    rules
        The table `[automatic]` of the settings.
    burst
        The burst's files and tasks.
    now
        The present time, UTC without zone.
    """
    orders: list[Order] = []
    later: list[datetime] = []
    for wish in _wishes(rules, burst):
        earlier = [task for task in burst.earlier if task.series == wish.series]
        if any(task.checksums == _checksums(wish.inputs) for task in earlier):
            continue
        due_at = _due_at(rules, burst, wish, earlier, now)
        if due_at > now:
            later.append(due_at)
        else:
            orders.append(_order(burst.burst_id, wish, earlier))
    return Plan(tuple(orders), min(later, default=None))


def _wishes(rules: AutomaticSettings, burst: Holdings) -> Iterator[_Wish]:
    files = choose_files(burst.files).used
    instruments = list(
        dict.fromkeys(i for file in files if (i := file.instrument) and _has_counts(file))
    )
    of = {instrument: _Share.of(instrument, files) for instrument in instruments}
    for instrument, share in of.items():
        if share.temporal and "temporal" in rules.analyses:
            yield _Wish(f"temporal-{instrument}", TaskType.TEMPORAL, share.temporal)
        if share.spectral and "spectral" in rules.analyses:
            yield _Wish(f"spectral-{instrument}", TaskType.SPECTRAL, share.spectral)
    if any(share.all for share in of.values()) and "joint" in rules.analyses:
        yield _joint(rules, burst, of)


def _joint(rules: AutomaticSettings, burst: Holdings, of: dict[Instrument, "_Share"]) -> _Wish:
    inputs = _unique(file for share in of.values() for file in share.all)
    missing = _expected(rules, burst, of) - {i for i, share in of.items() if share.spectral}
    if not missing:
        return _Wish(JOINT, TaskType.BURST, inputs)
    first = min(file.received_at for file in burst.files)
    not_before = first + timedelta(seconds=rules.joint_wait_s)
    text = f"no data for a spectrum of {', '.join(sorted(missing))}"
    return _Wish(JOINT, TaskType.BURST, inputs, not_before, text)


def _expected(
    rules: AutomaticSettings, burst: Holdings, of: dict[Instrument, "_Share"]
) -> frozenset[Instrument]:
    """Return the instruments to wait for; for other missions those that have data already."""
    if burst.expected:
        return burst.expected
    ours = frozenset(rules.expected)
    return ours if ours & of.keys() else frozenset(of)


class _Share(NamedTuple):
    """The files of one instrument, by the analysis that they are used in."""

    temporal: Files
    spectral: Files

    @property
    def all(self) -> Files:
        """Files that are used in any analysis."""
        return _unique((*self.temporal, *self.spectral))

    @classmethod
    def of(cls, instrument: Instrument, files: Files) -> "_Share":
        """Choose the best files of an instrument: events before histories before binned data."""

        def kinds(*wanted: FileKind) -> Files:
            # Calibration files may not name their instrument; the reader then pairs them with
            # data by detector.
            owners = {instrument, Instrument.OTHER} if wanted == _RESPONSES else {instrument}
            return tuple(f for f in files if f.kind in wanted and f.instrument in owners)

        of_satellite = tuple(f for f in files if f.kind in {FileKind.ATTITUDE, FileKind.ORBIT})
        responses = kinds(*_RESPONSES)
        series = kinds(FileKind.EVENTS) or kinds(FileKind.HISTORY)
        if any(file.kind is FileKind.EVENTS for file in series):
            series = (*series, *kinds(FileKind.GTI))
        if series:
            series = (*series, *of_satellite)
            return cls(series, (*series, *responses) if responses else ())
        spectra, backgrounds = kinds(FileKind.SPECTRUM), kinds(FileKind.BACKGROUND)
        ready = spectra and backgrounds and responses
        spectral = (*spectra, *backgrounds, *responses) if ready else ()
        return cls(kinds(FileKind.LIGHT_CURVE), spectral)


def _has_counts(file: HeldFile) -> bool:
    """Return whether a file contains counts of the burst, unlike calibration or attitude."""
    return file.kind in {
        FileKind.EVENTS,
        FileKind.HISTORY,
        FileKind.LIGHT_CURVE,
        FileKind.SPECTRUM,
    }


def _due_at(
    rules: AutomaticSettings,
    burst: Holdings,
    wish: _Wish,
    earlier: list[EarlierTask],
    now: datetime,
) -> datetime:
    known = max(earlier, key=lambda task: task.proc_ver).checksums if earlier else frozenset()
    arrived = [file.received_at for file in wish.inputs if file.sha256 not in known]
    arrived = arrived or [file.received_at for file in wish.inputs]
    debounce = timedelta(seconds=rules.debounce_s)
    quiet_at = max(arrived) + debounce
    if burst.arriving:
        quiet_at = max(quiet_at, now + debounce)
    due_at = min(quiet_at, min(arrived) + timedelta(seconds=rules.patience_s))
    return max(due_at, wish.not_before) if wish.not_before else due_at


def _order(burst_id: str, wish: _Wish, earlier: list[EarlierTask]) -> Order:
    inputs = sorted(wish.inputs, key=lambda file: file.name)
    request = TaskRequest(
        id=_task_id(burst_id, wish.series, inputs),
        burst_id=burst_id,
        inputs=tuple(TaskInput(file.name, file.sha256) for file in inputs),
        analysis=wish.analysis,
    )
    return Order(
        request,
        wish.series,
        1 + max((task.proc_ver for task in earlier if task.state in _BEGUN), default=0),
        wish.incomplete,
        tuple(task.task_id for task in earlier if task.state in _OPEN),
    )


def _task_id(burst_id: str, series: str, inputs: Sequence[HeldFile]) -> str:
    """Return a deterministic id: the same decision, made again, gives the same task."""
    content = "\n".join((burst_id, series, *(f"{file.name} {file.sha256}" for file in inputs)))
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f"auto.{burst_id[:50]}.{series}.{digest[:12]}"


def _unique(files: Iterable[HeldFile]) -> Files:
    return tuple({file.data_id: file for file in files}.values())


def _checksums(files: Files) -> frozenset[str]:
    return frozenset(file.sha256 for file in files)
