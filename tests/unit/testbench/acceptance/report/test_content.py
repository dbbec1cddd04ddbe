import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from testbench.acceptance.judgement.statistics import Count, Pull
from testbench.acceptance.report.content import BurstRow, Report, Value, print_report
from testbench.acceptance.report.table import Status, Step


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Value(12.3456, 0.31, 0.42), "12.35 -0.31 +0.42"),
        (Value(488.2, 49.0, 59.0), "488 -49 +59"),
        (Value(-0.53216, 0.0391, 0.0387), "-0.532 -0.039 +0.039"),
        (Value(200.0, 10.0, None), "200 -10 +?"),
        (Value(1.23456), "1.235"),
        (Value(), "-"),
    ],
)
def test_a_value_has_the_digits_that_its_errors_justify(value: Value, text: str) -> None:
    assert value.measured_text() == text


@pytest.fixture
def report() -> Report:
    row = BurstRow(
        name="long",
        burst_id="sb26110101",
        instrument="GRM",
        t90_s=Value(28.4, 0.8, 0.6, 29.5),
        epeak_kev=Value(185.0, 7.0, 8.0, 180.0),
        alpha=Value(-0.91, 0.01, 0.01, -0.9),
        beta=Value(-2.46, 0.41, 0.2, -2.4),
        latency_s=4.25,
        flags=(),
    )
    return Report(
        seed=1,
        passed=False,
        seconds=61.0,
        steps=(
            Step("FSC-2041", "service starts", Status.PASS, "ready after 2.0 s", 2.0),
            Step("FSC-1590", "no task lost", Status.FAIL, "one lost", 1.0),
        ),
        bursts=(row,),
        pulls=(Pull("sb26110101", "T90", 28.4, 0.8, 0.6, 29.5),),
        counts=(Count("T90", 1, 0, 1, 0.3, 1.0),),
        products="/somewhere/tts",
        output="/somewhere",
        daemon_url="http://127.0.0.1:1",
    )


def test_everything_is_printed(report: Report) -> None:
    printed_to = io.StringIO()

    print_report(report, Console(file=printed_to, width=140))

    printed = printed_to.getvalue()
    wanted = ["FSC-2041", "Service is ready", "service starts", "PASS", "one lost", "FAIL"]
    wanted += ["long", "28.40 -0.80 +0.60", "(29.5)", "(180)", "(-0.9)", "4.2", "/somewhere/tts"]
    wanted += ["http://127.0.0.1:1", "1 of 2 steps passed"]
    assert [text for text in wanted if text not in printed] == []


def test_json_holds_the_same(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "new" / "it.json"

    report.write(path)

    assert msgspec.json.decode(path.read_bytes(), type=Report) == report
