"""Figures are drawn after the result, from the same process or from what is stored, alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.pipeline import STEPS_NAME, FiguresOutcome, PipelineRequest
from eclgrmd.model.task import FiguresState
from eclgrmd.pipeline import run
from eclgrmd.pipeline.drawing import draw, forget_analysis
from tests.support.bursts.pulse import light_curve_file
from tests.unit.pipeline.test_run import request_for


@pytest.fixture
def task(tmp_path: Path) -> PipelineRequest:
    return request_for(light_curve_file(tmp_path), tmp_path / "t.1")


def drawing(task: PipelineRequest, number: int) -> PipelineRequest:
    """Return the request for the figures of a task, which knows nothing of its configuration."""
    result = Path(task.output)
    return PipelineRequest(
        task_id=task.task_id,
        burst_id=task.burst_id,
        files=task.files,
        output=str(result.with_name(f"t.{number}")),
        earlier=str(result / STEPS_NAME),
    )


def drawn(task: PipelineRequest, number: int) -> tuple[FiguresOutcome, list[Mapping[str, Any]]]:
    lines: list[Mapping[str, Any]] = []
    return draw(drawing(task, number), lines.append), lines


def test_figures_of_the_stored_result_are_those_of_the_analysis(task: PipelineRequest) -> None:
    outcome = run(task, draw=False)
    assert outcome.figures is FiguresState.QUEUED
    assert "figure" not in {product.kind for product in outcome.products}
    at_once, lines = drawn(task, 2)
    assert "read" not in {line["stage"] for line in lines}
    again, lines = drawn(task, 3)
    assert "read" in {line["stage"] for line in lines}
    assert at_once.products == again.products
    folder = Path(task.output)
    names = {product.name for product in (*outcome.products, *again.products)}
    assert {path.name for path in folder.iterdir()} == names
    assert not list(folder.with_name("t.3").iterdir())
    complete = run(replace(task, output=str(folder.with_name("all"))))
    assert {p for p in complete.products if p.kind == "figure"} == set(again.products)
    forget_analysis()


def test_figures_are_not_drawn_of_other_outcomes_or_files(task: PipelineRequest) -> None:
    run(task, draw=False)
    forget_analysis()
    with pytest.raises(InputError, match=r"no longer here: send again and run the task again"):
        draw(replace(drawing(task, 2), files=()), lambda _fields: None)
    Path(task.output, STEPS_NAME).write_bytes(b"damaged")
    with pytest.raises(PermanentError, match=r"outcome of step blocks is missing or was changed"):
        drawn(task, 3)
