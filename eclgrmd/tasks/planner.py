"""What is due for a burst: rules and what is there go in, tasks to be made come out.

Pure: the same rows at the same time give the same plan, in any daemon and after any crash. Three
kinds of series are kept up to date, each a row of versions of one analysis:

- `temporal-<instrument>` as soon as it has one light curve, history or event list,
- `spectral-<instrument>` as soon as it has events or histories with a response, or a spectrum with
  background and response,
- `joint`, all instruments together, when each expected one has data for a spectrum; or when the
  configured wait is over, with what is there then, marked incomplete.
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

__all__ = ["JOINT", "Holdings", "Made", "Order", "Plan", "plan"]

JOINT = "joint"
"""The series of all instruments together."""

_OPEN = (TaskState.WAITING, TaskState.QUEUED)
_MADE = (TaskState.RUNNING, TaskState.DONE)
_RESPONSES = (FileKind.RESPONSE, FileKind.ANCILLARY)

Files = tuple[HeldFile, ...]


class Made(NamedTuple):
    """An automatic task that was made before."""

    task_id: str
    series: str
    state: TaskState
    proc_ver: int
    checksums: frozenset[str]
    """Of its inputs."""


class Holdings(NamedTuple):
    """All that is known of a burst."""

    burst_id: str
    files: Sequence[HeldFile]
    made: Sequence[Made] = ()
    expected: frozenset[Instrument] = frozenset()
    """Whose data a notification said to expect; empty: as the rules say."""
    arriving: bool = False
    """More files were announced and are being fetched."""


class Order(NamedTuple):
    """A task to be made now."""

    request: TaskRequest
    series: str
    proc_ver: int
    incomplete: str
    """What is missing; empty: nothing."""
    replaces: tuple[str, ...]
    """Tasks that have not begun and are no longer needed."""


class Plan(NamedTuple):
    """What is due now, and when to look again."""

    orders: tuple[Order, ...]
    again_at: datetime | None
    """None: nothing will become due by itself."""


class _Wish(NamedTuple):
    """An analysis that the files of a burst allow."""

    series: str
    analysis: TaskType
    inputs: Files
    not_before: datetime | None = None
    incomplete: str = ""


def plan(rules: AutomaticSettings, burst: Holdings, now: datetime) -> Plan:
    """Decide what is due.

    Files that arrive together make one task: a task is ordered when no file of its own has come
    for `debounce_s` and none is being fetched, but not later than `patience_s` after the first.
    A task that has not begun is replaced; one that runs is let run, and another one follows.

    Parameters
    ----------
    rules
        The table `[automatic]` of the settings.
    burst
        The burst's files and tasks.
    now
        The present, UTC.
    """
    orders: list[Order] = []
    later: list[datetime] = []
    for wish in _wishes(rules, burst):
        made = [task for task in burst.made if task.series == wish.series]
        if any(task.checksums == _checksums(wish.inputs) for task in made):
            continue
        due_at = _due_at(rules, burst, wish, made, now)
        if due_at > now:
            later.append(due_at)
        else:
            orders.append(_order(burst.burst_id, wish, made))
    return Plan(tuple(orders), min(later, default=None))


def _wishes(rules: AutomaticSettings, burst: Holdings) -> Iterator[_Wish]:
    files = choose_files(burst.files).used
    instruments = list(
        dict.fromkeys(i for file in files if (i := file.instrument) and _tells(file))
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
    """Give the instruments to wait for; a burst of other missions waits for what it has."""
    if burst.expected:
        return burst.expected
    ours = frozenset(rules.expected)
    return ours if ours & of.keys() else frozenset(of)


class _Share(NamedTuple):
    """What the files of one instrument are good for."""

    temporal: Files
    spectral: Files

    @property
    def all(self) -> Files:
        """Whatever is good for something."""
        return _unique((*self.temporal, *self.spectral))

    @classmethod
    def of(cls, instrument: Instrument, files: Files) -> "_Share":
        """Take the best that is there: events before histories before what was binned already."""

        def kinds(*wanted: FileKind) -> Files:
            # Calibration that does not name its instrument may be anybody's: detectors tell.
            whose = {instrument, Instrument.OTHER} if wanted == _RESPONSES else {instrument}
            return tuple(f for f in files if f.kind in wanted and f.instrument in whose)

        attitudes = tuple(f for f in files if f.kind is FileKind.ATTITUDE)
        responses = kinds(*_RESPONSES)
        series = kinds(FileKind.EVENTS) or kinds(FileKind.HISTORY)
        if any(file.kind is FileKind.EVENTS for file in series):
            series = (*series, *kinds(FileKind.GTI))
        if series:
            series = (*series, *attitudes)
            return cls(series, (*series, *responses) if responses else ())
        spectra, backgrounds = kinds(FileKind.SPECTRUM), kinds(FileKind.BACKGROUND)
        ready = spectra and backgrounds and responses
        spectral = (*spectra, *backgrounds, *responses) if ready else ()
        return cls(kinds(FileKind.LIGHT_CURVE), spectral)


def _tells(file: HeldFile) -> bool:
    """Tell whether a file says that its instrument has data of the burst."""
    return file.kind in {
        FileKind.EVENTS,
        FileKind.HISTORY,
        FileKind.LIGHT_CURVE,
        FileKind.SPECTRUM,
    }


def _due_at(
    rules: AutomaticSettings, burst: Holdings, wish: _Wish, made: list[Made], now: datetime
) -> datetime:
    known = max(made, key=lambda task: task.proc_ver).checksums if made else frozenset()
    arrived = [file.received_at for file in wish.inputs if file.sha256 not in known]
    arrived = arrived or [file.received_at for file in wish.inputs]
    debounce = timedelta(seconds=rules.debounce_s)
    quiet_at = max(arrived) + debounce
    if burst.arriving:
        quiet_at = max(quiet_at, now + debounce)
    due_at = min(quiet_at, min(arrived) + timedelta(seconds=rules.patience_s))
    return max(due_at, wish.not_before) if wish.not_before else due_at


def _order(burst_id: str, wish: _Wish, made: list[Made]) -> Order:
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
        1 + max((task.proc_ver for task in made if task.state in _MADE), default=0),
        wish.incomplete,
        tuple(task.task_id for task in made if task.state in _OPEN),
    )


def _task_id(burst_id: str, series: str, inputs: Sequence[HeldFile]) -> str:
    """Name a task by what it is: who decides again, decides the same."""
    told = "\n".join((burst_id, series, *(f"{file.name} {file.sha256}" for file in inputs)))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return f"auto.{burst_id[:50]}.{series}.{digest[:12]}"


def _unique(files: Iterable[HeldFile]) -> Files:
    return tuple({file.data_id: file for file in files}.values())


def _checksums(files: Files) -> frozenset[str]:
    return frozenset(file.sha256 for file in files)
