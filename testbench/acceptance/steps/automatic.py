"""Data without any task: the daemon makes every product once, and again for better data."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import msgspec

from eclgrmd.model.names import FileKind
from eclgrmd.model.rest.bursts import Burst
from eclgrmd.model.rest.queries import ProductQuery
from eclgrmd.model.result import Result
from eclgrmd.model.task import TaskState
from testbench.acceptance.judgement.products import read_result
from testbench.acceptance.judgement.statistics import Pull, judge
from testbench.acceptance.judgement.truths import (
    duration_pulls,
    spectrum_pulls,
    wrong_numbers,
)
from testbench.acceptance.report.table import StepFailedError, require
from testbench.simulate.burst import Trap
from testbench.simulate.bursts import burst_named
from testbench.simulate.delivery import Dc0, SimulatedBurst, SimulatedFile
from testbench.simulate.truth import Truth
from testbench.tts.automatic import automatic_tasks, collect_task, settled
from testbench.tts.clients import RestClient
from testbench.tts.sequence import TaskRecord
from testbench.tts.watch import ActivityWatch

__all__ = ["SETTINGS", "AutomaticProducts"]

SETTINGS = {
    "ECLGRMD_AUTOMATIC_DEBOUNCE_S": "2",
    "ECLGRMD_AUTOMATIC_JOINT_WAIT_S": "30",
}
"""Settings of the daemon under test: it waits less long for a missing instrument than in
operation."""
_QUIET_S = 4.0
"""A burst without changes for so long is complete, seconds."""
_LIMIT_S = 1200.0
"""Longest time to wait for the products of a burst, seconds."""
_PADDING = bytes(2880)
"""A FITS block of zeros, appended to a file: other bytes, same data."""


@dataclass(slots=True)
class AutomaticProducts:
    """Checks the automatic products of all bursts of DC-0."""

    dc0: Dc0
    """Bursts that were sent, with their truth."""
    rest: RestClient
    """REST client of the daemon."""
    watch: ActivityWatch
    """Announcements received so far."""
    session: aiohttp.ClientSession
    """HTTP session that fetches products."""
    output: Path
    """Folder that gets the products."""
    run_tag: str
    """Suffix of every burst id in this run."""
    records: dict[tuple[str, str], TaskRecord] = field(default_factory=dict)
    """Newest version of each series, by burst id and series."""
    _views: list[Burst] = field(default_factory=list)

    async def appeared(self) -> str:
        """Check that each burst gets every product that its data allow."""
        for burst in self.dc0.bursts:
            view = await settled(
                self.rest,
                f"{burst.burst_id}{self.run_tag}",
                _series(burst),
                quiet_s=_QUIET_S,
                limit_s=_LIMIT_S,
            )
            self._views.append(view)
            for task in automatic_tasks(view, newest=True):
                record = await collect_task(self.session, self.rest, task, self.output, self.watch)
                self.records[burst.burst_id, task.series] = record
        wrong = [r.task_id for r in self.records.values() if r.state is not TaskState.DONE]
        require(not wrong, f"not done: {', '.join(wrong)}")
        kinds = Counter(series.partition("-")[0] for _, series in self.records)
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        return f"{counted} analyses of {len(self._views)} bursts"

    async def no_storm(self) -> str:
        """Check that files which arrived together led to one task per series."""
        files = sum(len(view.data) for view in self._views)
        most = 0
        for view in self._views:
            counts = Counter(task.series for task in automatic_tasks(view))
            most = max(most, *counts.values())
        tasks = sum(len(automatic_tasks(view)) for view in self._views)
        require(most <= 2, f"a series was computed {most} times")
        return f"{tasks} tasks of {files} files, none more than {most} times"

    async def right(self) -> str:
        """Compare all numbers with the truth by the rule of `judgement.statistics`."""
        return await asyncio.to_thread(self._judged)

    async def superseded(self) -> str:
        """Send a higher version of a file; expect new products and the old ones marked."""
        burst, file = self._candidate()
        burst_id = f"{burst.burst_id}{self.run_tag}"
        calls = await self.rest.calls()
        before = await calls.burst(burst_id)
        content = await asyncio.to_thread(file.path.read_bytes)
        name = file.name.replace("_v01.", "_v07.")
        path = self.output / name
        await asyncio.to_thread(path.write_bytes, content + _PADDING)
        await calls.upload(burst_id, path)
        old = {t.series: t for t in automatic_tasks(before, newest=True)}
        until = asyncio.get_running_loop().time() + _LIMIT_S
        while True:
            view = await settled(self.rest, burst_id, quiet_s=_QUIET_S, limit_s=_LIMIT_S)
            new = {t.series: t for t in automatic_tasks(view, newest=True)}
            again = [s for s, t in new.items() if s in old and t.id != old[s].id]
            if again:
                break
            require(asyncio.get_running_loop().time() < until, "no product was made again")
        tasks = {t.id: t for t in view.tasks}
        for series in again:
            was, now = tasks[old[series].id], new[series]
            require(was.superseded_by == now.id, f"{was.id} is not marked superseded")
            require(
                now.proc_ver == was.proc_ver + 1,
                f"{now.id} has PROC_VER {now.proc_ver} after {was.proc_ver}",
            )
            kept = [each async for each in calls.products(ProductQuery(task_id=was.id))]
            require(kept and all(p.superseded_by for p in kept), f"{was.id} lost products")
        unused = [u.reason for u in view.unused if u.name == file.name]
        by = "a later file of the same name" if name == file.name else name
        require(unused == [f"is superseded by {by}"], f"{file.name} has the reasons {unused}")
        return f"{name} of {burst.name}: {', '.join(sorted(again))} made again, old ones marked"

    def _candidate(self) -> tuple[SimulatedBurst, SimulatedFile]:
        """Choose an event file of version 1 that has no other version, or else a response."""
        files = [(burst, file) for burst in self.dc0.bursts for file in burst.files]
        plain = [(b, f) for b, f in files if Trap.VERSIONS.value not in b.truth.traps]
        events = (each for each in plain if "_v01." in each[1].name)
        responses = (each for each in plain if each[1].kind is FileKind.RESPONSE)
        found = next(events, None) or next(responses, None)
        if found is None:
            raise StepFailedError("no burst has a file to be superseded")
        return found

    def _judged(self) -> str:
        truths = {burst.burst_id: burst.truth for burst in self.dc0.bursts}
        pulls: list[Pull] = []
        wrong: list[str] = []
        for (burst_id, series), record in self.records.items():
            result = read_result(record)
            if result is None:
                wrong.append(f"{record.task_id}: no result")
                continue
            kind = series.partition("-")[0]
            wrong += wrong_numbers(truths[burst_id], result)
            pulls += _pulls(truths[burst_id], result, kind)
        require(pulls or wrong, "no value to compare with the truth")
        wrong += judge(tuple(pulls))
        require(not wrong, "; ".join(wrong[:3]) + (f" (of {len(wrong)})" if wrong[3:] else ""))
        return f"{len(pulls)} values compared with the truth"


def _series(burst: SimulatedBurst) -> set[str]:
    """Return the series that the files of a burst allow."""
    there = {name for file in burst.files for name in ("ecl", "grm") if name in file.name.lower()}
    return {"joint"} | {f"{what}-{i.upper()}" for i in there for what in ("temporal", "spectral")}


def _pulls(truth: Truth, result: Result, kind: str) -> Iterable[Pull]:
    pulls = list(duration_pulls(truth, result))
    if _same_spectrum(truth, result):
        pulls += spectrum_pulls(truth, result)
    for pull in pulls:
        yield msgspec.structs.replace(pull, quantity=f"{pull.quantity} of {kind}")


def _same_spectrum(truth: Truth, result: Result) -> bool:
    """Return whether the measured interval must have the true spectrum.

    If the spectrum evolves, this holds only for a ready-made spectrum: its file sets the interval.
    """
    steady = burst_named(truth.name).width_index == 0.0
    return steady or bool(result.spectra and result.spectra[0].kind == "file")
