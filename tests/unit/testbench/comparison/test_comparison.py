"""`testbench/compare` explains from the data why a duration differs from the published one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from testbench.comparison.__main__ import _totals, main
from testbench.comparison.case import Case, Check, Reference
from testbench.comparison.changes import moved_lines
from testbench.comparison.durations import COMPARED, duration_cases
from testbench.comparison.explain import explain
from testbench.comparison.run import Row, Verdict, compare

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    """A burst from 0 to 40 s whose published T90 ends at 20 s."""
    centre = np.arange(-99.0, 200.0, 2.0)
    counts = np.random.default_rng(1).poisson(2000.0 + 800.0 * ((centre > 0) & (centre < 40)))
    path = tmp_path / "lc_150721242_n4_0_20_4.txt"
    path.write_text("\n".join(" ".join(map(str, row)) for row in (centre, counts)))
    return {
        "id": "gbm-pop-bn150721242",
        "files": [path.name],
        "duration": {
            "t90": 20.0,
            "t90_err": 0.5,
            "t90_start": 0.0,
            "t50": 10.0,
            "t50_err": 0.5,
            "background_intervals_s": [[-50.0, -10.0], [60.0, 150.0]],
            "authority": "made up",
        },
    }


def test_the_excess_beyond_the_published_end_is_named(reference: Reference, tmp_path: Path) -> None:
    text = explain(reference, [tmp_path / reference["files"][0]], QUICK, (3.0, 1.5))
    assert "counts of 8-900 keV" in text
    found = re.search(r"([\d.]+) sigma of excess in 20 s after the published T90", text)
    assert found is not None
    # 8,000 net counts over the noise of 28,000
    assert float(found[1]) == pytest.approx(8000 / 28_000**0.5, rel=0.1)
    again = re.search(r"with the published background intervals T90 is ([\d.]+) s", text)
    assert again is not None
    assert float(again[1]) == pytest.approx(36.0, rel=0.03)
    recipe = re.search(r"between plateaus over these intervals, .* recipe, ([\d.]+) and", text)
    assert recipe is not None
    assert float(recipe[1]) == pytest.approx(36.0, rel=0.03)
    assert text.endswith("the difference comes from the data themselves")


def test_a_published_interval_beyond_the_data_is_named(
    reference: Reference, tmp_path: Path
) -> None:
    reference["duration"].update(t90=60.0, t90_start=-150.0)
    text = explain(reference, [tmp_path / reference["files"][0]], QUICK, (3.0, 1.5))
    assert "the data do not cover the whole published T90" in text


def test_only_what_differs_is_explained(reference: Reference, tmp_path: Path) -> None:
    [blind, given, recipe] = duration_cases([reference], tmp_path)
    rows = compare(blind)
    assert [row.verdict for row in rows] == ["off", "off"]
    assert all("sigma of excess" in row.explanation for row in rows)
    assert given.configuration.background.mode == "intervals"
    assert recipe.configuration.duration.method == "gbm_catalogue"
    reference["duration"].update(t90=36.0, t50=20.0)
    [blind, *_] = duration_cases([reference], tmp_path)
    assert [(row.verdict, row.explanation) for row in compare(blind)] == [("within", "")] * 2


@pytest.mark.parametrize(
    ("burst", "names", "quantity"),
    [
        ("gbm-bn110721200", ["a_tte_n6_b.fit"], "T90 by the catalogue's recipe"),
        (
            "gbm-bn080916009",
            ["a_tte_n3_b.fit", "c_n3_bn080916009_v00.rsp2"],
            "T90 of photons by the catalogue's recipe",
        ),
    ],
)
def test_events_are_measured_by_the_recipe_too_in_photons_if_there_is_a_response(
    reference: Reference, tmp_path: Path, burst: str, names: list[str], quantity: str
) -> None:
    [_, recipe] = duration_cases([{**reference, "id": burst, "files": names}], tmp_path)
    assert recipe.configuration.duration.method == "gbm_catalogue"
    assert recipe.checks[0].quantity == quantity


def test_totals_count_and_give_the_median_ratio() -> None:
    def row(ours: float, verdict: Verdict, sigma: float) -> Row:
        return Row("batse-1", "T90", 10.0, ours, 1.5, "rule", "made up", verdict, "", sigma)

    rows = [row(10.0, "within", 0.0), row(12.0, "off", 2.0), row(11.0, "off", 4.0)]
    assert list(_totals(rows)) == [
        "1 of 3 values within their tolerance",
        f"batse: {COMPARED['batse']}",
        "batse T90: 1 of 3 within, 2 within 3 sigma of both errors, median ratio 1.100",
    ]


def test_a_case_without_explanation_has_none(tmp_path: Path) -> None:
    missing = Case(
        "c", (tmp_path / "none.txt",), QUICK, (Check("T90", 1.0, 0.1, lambda _: 1.0, "r"),), "a"
    )
    [row] = compare(missing)
    assert (row.verdict, row.explanation) == ("failed", "")
    assert "none.txt" in row.note


def test_any_references_are_accepted_and_what_cannot_run_is_named(
    reference: Reference, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The light curve of an entry with a name of another kind is found by its content."""
    found = {**reference, "id": "mine-1", "duration": {"t90": 36.0, "t90_err": 1.0}}
    entries = [
        found,
        {"id": "gone-1", "files": ["no/such.lc"], "duration": {"t90": 3.0}},
        {"id": "bat-lc-gone", "files": ["gone_64ms.lc"], "duration": {"t90": 3.0}},
        {"id": "fits-1", "files": found["files"], "fits": [{"model": "band"}]},
    ]
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps(entries))
    assert main(["--data", str(tmp_path), "--references", str(theirs)]) == 1
    told = capsys.readouterr().out
    assert re.search(r"mine-1 .*\n +T90 +36 .* within", told)
    assert "missing: gone_64ms.lc" in told
    assert "left out: gone-1: no/such.lc is missing" in told
    assert "left out: fits-1: the entry has no fit of" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "give --references FILE"),
        ("no JSON", "must be a JSON list of objects"),
        ('{"id": "x"}', "must be a JSON list of objects"),
        ('[{"id": "x"}]', "entry 1 must have an id and a list of files"),
    ],
)
def test_references_that_cannot_be_read_are_refused(
    content: str | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "references.json").write_text(content)
    assert main(["--data", str(tmp_path)]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_changed_values_are_listed_with_the_reason() -> None:
    def row(case: str, ours: float | None, verdict: Verdict, why: str = "") -> Row:
        return Row(case, "T90", 10.0, ours, 1.5, "rule", "made up", verdict, "", None, why)

    before = [row("a", 10.0, "within"), row("b", 10.0, "within"), row("c", 10.0, "within")]
    after = [row("a", 10.0001, "within"), row("b", 13.0, "off", "so"), row("d", 9.0, "within")]
    lines = [" ".join(line.split()) for line in moved_lines(before, after)]
    assert lines == [
        "published before after verdict",
        "b T90 10 10 13 within -> off",
        "c T90 10 10 - within -> absent",
        "d T90 10 - 9 absent -> within",
        "why b: so",
        "1 other values changed by less than 0.1%, 3 in all",
    ]
