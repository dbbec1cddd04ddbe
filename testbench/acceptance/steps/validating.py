"""FSC-1588, last part: measured values compared with simulated ones."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from eclgrmd.model.task import TaskState
from testbench.acceptance.judgement.products import wrong_products
from testbench.acceptance.judgement.statistics import Pull, counts_of, judge
from testbench.acceptance.judgement.truths import wrong_numbers
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
"""Errors that a step quotes; the others are counted."""


async def products_right(records: Iterable[TaskRecord], schema: dict[str, Any]) -> str:
    """Check that every completed task has all products, as announced and readable."""
    done = [record for record in records if record.state is TaskState.DONE]
    require(done, "no task is done")
    wrong: list[str] = []
    for record in done:
        wrong += await asyncio.to_thread(wrong_products, record, schema)
    _require_none(wrong)
    number = sum(len(record.products) for record in done)
    return f"{number} products of {len(done)} tasks, sizes and checksums as announced"


def durations_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """Compare T90 and T50 with the truth by the rule of `judgement.statistics`."""
    return _judged(duration_comparison(dc0, read_results(records, run)))


def spectra_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """Compare spectral parameters with the truth by the rule of `judgement.statistics`."""
    return _judged(spectrum_comparison(dc0, read_results(records, run)))


def numbers_right(dc0: Dc0, records: tuple[TaskRecord, ...], run: str) -> str:
    """Check that numbers exist only where there is a burst, and that flags explain missing ones."""
    results = read_results(records, run)
    require(results, "there is no result")
    truths = {burst.burst_id: burst.truth for burst in dc0.bursts}
    wrong = [
        text
        for (burst_id, _analysis), result in results.items()
        for text in wrong_numbers(truths[burst_id], result)
    ]
    _require_none(wrong)
    empty = sum("no_burst" in truth.flags for truth in truths.values())
    return f"{len(results)} results; {empty} burst(s) without a burst gave none"


def _judged(pulls: tuple[Pull, ...]) -> str:
    require(pulls, "no value to compare with the truth")
    _require_none(judge(pulls))
    counts: dict[str, list[str]] = {}
    for count in counts_of(pulls):
        counts.setdefault(count.quantity, []).append(f"{count.inside}")
    sizes = {count.quantity: count.total for count in counts_of(pulls)}
    texts = [f"{name} {'/'.join(inside)} of {sizes[name]}" for name, inside in counts.items()]
    return "within 1/2/3 sigma: " + ", ".join(texts)


def _require_none(wrong: list[str]) -> None:
    more = f" (and {len(wrong) - _SHOWN} more)" if len(wrong) > _SHOWN else ""
    require(not wrong, "; ".join(wrong[:_SHOWN]) + more)
