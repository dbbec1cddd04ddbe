"""A real burst, pushed as an X-band delivery: one file notified, the rest asked for, no task."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from testbench.tts.deliver import deliver, real_bursts
from tests.support.limits import RUN_LIMIT_S

pytestmark = [pytest.mark.data, pytest.mark.timeout(RUN_LIMIT_S)]


@pytest.fixture(scope="module")
def delivered(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The burst, and what came of its delivery."""
    (burst,) = [b for b in real_bursts(shared_data) if b.id == "gbm-bn110721200"]
    (found,) = asyncio.run(deliver([burst], tmp_path_factory.mktemp("delivered")))
    return burst, found


def test_a_real_burst_gives_its_products_without_a_task(delivered: Any) -> None:
    _, found = delivered
    assert found.problems == []
    assert {t.series for t in found.view.tasks} == {"temporal-GBM", "joint"}
    assert all(t.origin == "automatic" for t in found.view.tasks)
    assert len(found.view.data) == 3
    assert [u.reason for u in found.view.unused] == ["is trigger rates in too few bins: not used"]


def test_its_duration_is_the_published_one(delivered: Any) -> None:
    burst, found = delivered
    (temporal,) = [t for t in found.view.tasks if t.series == "temporal-GBM"]
    summary = temporal.summary
    # n6 alone of the catalogue's detectors, counts instead of photons: within 3 of our errors
    wide = 3.0 * max(summary["t90_err_minus_s"], summary["t90_err_plus_s"])
    assert abs(summary["t90_s"] - burst.t90_s) < wide
