"""FSC-1588, the last part: what was computed beside what was simulated."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from eclgrmd.model.task import TaskState
from testbench.acceptance.judgement.products import trouble_with_products
from testbench.acceptance.judgement.statistics import Pull, counts_of, judge
from testbench.acceptance.judgement.truths import trouble_with_numbers
from testbench.acceptance.report.bursts import (
    duration_comparison,
    read_results,
    spectrum_comparison,
)
from testbench.acceptance.report.table import require
from testbench.simulate.delivery import Dc0
from testbench.tts.sequence import TaskRecord

__all__ = ["Check", "durations_right", "numbers_right", "products_right", "spectra_right"]

Check = Callable[[Dc0, tuple[TaskRecord, ...], str], str]
_SHOWN = 3


async def products_right(records: Iterable[TaskRecord], schema: dict[str, Any]) -> str:
    """See that every done task has all products, as announced, and that others can read them."""
    done = [record for record in records if record.state is TaskState.DONE]
    require(done, "no task is done")
    wrong: list[str] = []
    for record in done:
        wrong += await asyncio.to_thread(trouble_with_products, record, schema)
    _no_trouble(wrong)
    number = sum(len(record.products) for record in done)
    return f"{number} products of {len(done)} tasks, sizes and checksums as announced"


def durations_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """Judge T90 and T50 by the rule of `judgement`."""
    return _judged(duration_comparison(dc0, read_results(records, run)))


def spectra_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """Judge the spectral parameters by the rule of `judgement`."""
    return _judged(spectrum_comparison(dc0, read_results(records, run)))


def numbers_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """See that there are numbers where there is a burst, none where there is none, flags else."""
    results = read_results(records, run)
    require(results, "there is no result")
    truths = {burst.burst_id: burst.truth for burst in dc0.bursts}
    wrong = [
        text
        for (burst_id, _analysis), result in results.items()
        for text in trouble_with_numbers(truths[burst_id], result)
    ]
    _no_trouble(wrong)
    empty = sum("no_burst" in truth.flags for truth in truths.values())
    return f"{len(results)} results; {empty} burst(s) without a burst gave none"


def _judged(pulls: tuple[Pull, ...]) -> str:
    require(pulls, "there is nothing to compare with the truth")
    _no_trouble(judge(pulls))
    counts: dict[str, list[str]] = {}
    for count in counts_of(pulls):
        counts.setdefault(count.quantity, []).append(f"{count.inside}")
    sizes = {count.quantity: count.total for count in counts_of(pulls)}
    texts = [f"{name} {'/'.join(inside)} of {sizes[name]}" for name, inside in counts.items()]
    return "within 1/2/3 sigma: " + ", ".join(texts)


def _no_trouble(wrong: list[str]) -> None:
    more = f" (and {len(wrong) - _SHOWN} more)" if len(wrong) > _SHOWN else ""
    require(not wrong, "; ".join(wrong[:_SHOWN]) + more)
