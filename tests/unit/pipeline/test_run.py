"""A run of one request writes products and a log, and its errors say what to do."""

import errno
import hashlib
import json
import pickle
import warnings
from pathlib import Path
from typing import Any, Never

import pytest
from astropy.io import fits
from msgspec import structs

from eclgrmd.errors import InputError, PermanentError, TransientError
from eclgrmd.model.configuration.sections import FiguresTime, ProductChoice, TaskConfiguration
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest, Stage
from eclgrmd.model.result import Result
from eclgrmd.model.task import TaskType
from eclgrmd.pipeline import run
from tests.support.bursts.pulse import light_curve_file

CREATED = "2026-05-13T02:00:00Z"


def request_for(path: Path, output: Path, **changes: Any) -> PipelineRequest:
    content = path.read_bytes() if path.exists() else b""
    file = PipelineFile(
        str(path), path.name, hashlib.sha256(content).hexdigest(), FileKind.LIGHT_CURVE
    )
    request = PipelineRequest(
        task_id="t-7",
        burst_id="sb26051301",
        files=(file,),
        output=str(output),
        created_utc=CREATED,
    )
    return structs.replace(request, **changes)


@pytest.fixture
def request_of_a_burst(tmp_path: Path) -> PipelineRequest:
    return request_for(light_curve_file(tmp_path), tmp_path / "out")


def log_of(request: PipelineRequest) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(request.output, "task.log").read_bytes().splitlines()]


def test_every_product_is_on_disk_as_the_outcome_says(
    request_of_a_burst: PipelineRequest, tmp_path: Path
) -> None:
    outcome = run(request_of_a_burst)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        product.name for product in outcome.products
    }
    for product in outcome.products:
        content = (tmp_path / "out" / product.name).read_bytes()
        assert product.size == len(content)
        assert product.sha256 == hashlib.sha256(content).hexdigest()
    kinds = {product.kind for product in outcome.products}
    assert kinds >= {"result", "summary", "figure", "light_curve", "log"}


def test_the_result_is_known_before_any_product_and_figures_come_last(
    request_of_a_burst: PipelineRequest, tmp_path: Path
) -> None:
    known = []

    def remember(result: Result) -> None:
        known.append((result.burst.id, sorted(path.name for path in (tmp_path / "out").iterdir())))

    outcome = run(request_of_a_burst, on_result=remember)
    assert known == [("sb26051301", ["task.log"])]
    kinds = [product.kind for product in outcome.products]
    first = kinds.index("figure")
    assert kinds[:2] == ["result", "summary"]
    assert set(kinds[first:-1]) == {"figure"}
    assert kinds[-1] == "log"


@pytest.mark.parametrize(
    ("wanted", "drawn"), [("now", True), ("later", True), ("never", False), (False, False)]
)
def test_figures_are_drawn_as_wanted(
    request_of_a_burst: PipelineRequest, wanted: FiguresTime | bool, *, drawn: bool
) -> None:
    """Without a daemon nobody can request a figure later; 0.1.0 stored true and false."""
    choice = TaskConfiguration(products=ProductChoice(figures=wanted))
    outcome = run(structs.replace(request_of_a_burst, configuration=choice))
    assert ("figure" in {product.kind for product in outcome.products}) == drawn


def test_the_summary_tells_the_pulse(request_of_a_burst: PipelineRequest) -> None:
    summary = run(request_of_a_burst).summary
    # the central 90 % of a Gaussian pulse of sigma 3 s: 2 * 1.645 * 3 s
    assert summary.t90_s == pytest.approx(9.87, abs=1.0)
    assert summary.model is None
    assert summary.flags


def test_request_and_outcome_cross_process_borders(request_of_a_burst: PipelineRequest) -> None:
    outcome = run(request_of_a_burst)
    for value in (request_of_a_burst, outcome):
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  # our own bytes


def test_the_same_request_gives_the_same_products(request_of_a_burst: PipelineRequest) -> None:
    one, two = (
        {each.name: each.sha256 for each in run(request_of_a_burst).products} for _ in range(2)
    )
    del one["task.log"], two["task.log"]  # it tells the time
    assert one == two


def test_the_log_tells_stages_inputs_and_products(request_of_a_burst: PipelineRequest) -> None:
    stages: list[Stage] = []
    run(request_of_a_burst, stages.append)
    assert stages == [Stage.READ, Stage.TEMPORAL, Stage.PRODUCTS, Stage.FIGURES]
    lines = log_of(request_of_a_burst)
    assert {line["task_id"] for line in lines} == {"t-7"}
    events = [line["event"] for line in lines]
    assert events[0] == "input"
    assert events[-1] == "task done"
    assert "duration measured" in events


def test_a_fits_product_carries_the_primary_keywords(
    request_of_a_burst: PipelineRequest, tmp_path: Path
) -> None:
    run(request_of_a_burst)
    header = fits.getheader(tmp_path / "out" / "GRM-LC-500MS.fits")
    found = {key: header[key] for key in ("TELESCOP", "INSTRUME", "BURST_ID", "PROC_VER", "DATE")}
    assert found == {
        "TELESCOP": "SVOM",
        "INSTRUME": "GRM",
        "BURST_ID": "sb26051301",
        "PROC_VER": 1,
        "DATE": CREATED,
    }


def test_no_burst_is_no_failure(tmp_path: Path) -> None:
    outcome = run(request_for(light_curve_file(tmp_path, amplitude=0.0), tmp_path / "out"))
    assert outcome.summary.t90_s is None
    result = json.loads((tmp_path / "out" / "result.json").read_bytes())
    assert result["durations"][0]["t90"]["value_s"] is None


def test_a_file_may_lie_under_another_name(tmp_path: Path) -> None:
    path = light_curve_file(tmp_path)
    stored = tmp_path / "3f9a"
    path.rename(stored)
    request = request_for(stored, tmp_path / "out")
    renamed = PipelineFile(str(stored), "lc.fits", "0" * 64, FileKind.LIGHT_CURVE)
    outcome = run(
        PipelineRequest(task_id="t", burst_id="b", files=(renamed,), output=request.output)
    )
    assert outcome.summary.t90_s is not None


def test_a_missing_file_is_the_senders_fault_and_logged(tmp_path: Path) -> None:
    request = request_for(tmp_path / "gone.fits", tmp_path / "out")
    with pytest.raises(InputError, match=r"gone\.fits"):
        run(request)
    assert "gone.fits" in log_of(request)[-1]["reason"]


def test_a_spectrum_cannot_come_from_a_light_curve(tmp_path: Path) -> None:
    request = request_for(light_curve_file(tmp_path), tmp_path / "out", analysis=TaskType.SPECTRAL)
    with pytest.raises(InputError, match="a spectral analysis needs"):
        run(request)


def test_an_unforeseen_error_is_permanent_and_its_trace_is_in_the_log(
    request_of_a_burst: PipelineRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_rest: object) -> Never:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("eclgrmd.pipeline.analysed.analyse", broken)
    with pytest.raises(PermanentError, match="ZeroDivisionError: by zero"):
        run(request_of_a_burst)
    assert "in broken" in log_of(request_of_a_burst)[-1]["trace"]


def test_a_full_disk_is_worth_another_try(
    request_of_a_burst: PipelineRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> Never:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("eclgrmd.pipeline.deposit.deposit", full)
    with pytest.raises(TransientError, match="no space left"):
        run(request_of_a_burst)


def test_warnings_go_to_the_log(
    request_of_a_burst: PipelineRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warned(*_args: object, **_rest: object) -> Never:
        warnings.warn("years after the last known leap second", stacklevel=1)
        raise PermanentError("done")

    monkeypatch.setattr("eclgrmd.pipeline.analysed.analyse", warned)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with pytest.raises(PermanentError, match="done"):
            run(request_of_a_burst)
    assert any(line["level"] == "warning" for line in log_of(request_of_a_burst))
