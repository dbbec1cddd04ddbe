"""Real bursts through `eclgrmd analyze`: T90 and spectral parameters beside the published ones.

`testbench/compare` prints the whole comparison; here are the entries that a sound analysis meets.
"""

import dataclasses
import json
from pathlib import Path

import msgspec
import pytest

from eclgrmd.cli import main
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.result import Result
from testbench.comparison.case import Case
from testbench.comparison.durations import duration_cases
from testbench.comparison.run import compare
from testbench.comparison.spectra import spectral_cases

pytestmark = pytest.mark.data

SPECTRA = [
    "gbm-bn080916009 Band, catalogue",
    "gbm-bn080916009 Band, GCN 8278",
    "gbm-bn090217206 PL n6",
    "gbm-bn090217206 Band",
    "gbm-bat-bn110731465 Band, constants",
    "gbm-bn220426285 Band, 11 rows",
    "gbm-bayspec-10s CPL",
    "joint-GRB181222B-Interval1 Konus band",
    "joint-GRB190305A Konus band",
    "joint-GRB200521A Konus cpl",
    "joint-GRB200716C Konus band",
]
DURATIONS = [
    "gbm-bn080916009",
    "gbm-bn110721200",
    "bat-lc-050416A",
    "bat-lc-090424",
    "batse-3770",
    "batse-8099",
    "gbm-pop-bn161015710",
    "gbm-pop-bn170207906",
]


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> dict[str, Case]:
    references = json.loads((shared_data / "references.json").read_bytes())
    every = [*spectral_cases(references, shared_data), *duration_cases(references, shared_data)]
    return {case.name: case for case in every}


def test_the_names_here_are_those_of_the_comparison(cases: dict[str, Case]) -> None:
    assert {*SPECTRA, *DURATIONS} <= set(cases)


PRELIMINARY = "gbm-bn080916009 Band, GCN 8278"
"""Our alpha is -1.03, closer to the catalogue's -1.07 than to this first value of -0.91."""
NAMES = [
    pytest.param(
        name,
        marks=pytest.mark.xfail(strict=True, reason="alpha of GCN 8278; the catalogue's is met")
        if name == PRELIMINARY
        else (),
    )
    for name in (*SPECTRA, *DURATIONS)
]


@pytest.mark.parametrize("name", NAMES)
def test_published_values_are_met(cases: dict[str, Case], name: str) -> None:
    _assert_met(cases[name])


def test_published_values_are_met_over_a_straight_background(cases: dict[str, Case]) -> None:
    case = cases["gbm-bn110721200"]
    straight = msgspec.structs.replace(case.configuration, background=BackgroundChoice(order=1))
    _assert_met(dataclasses.replace(case, configuration=straight))


def _assert_met(case: Case) -> None:
    rows = compare(case)
    assert rows
    wrong = [
        f"{row.quantity}: published {row.published}, ours {row.ours}, tolerance {row.tolerance}"
        for row in rows
        if row.verdict != "within"
    ]
    assert not wrong, "\n".join([*wrong, rows[0].note])


@pytest.mark.parametrize(
    ("burst", "kinds"),
    [
        ("bn080916009", {"LC", "SPE", "SCAT", "SED", "PLANES", "BKG", "RSP"}),
        ("bn090217206", {"SPE", "SCAT", "SED", "PLANES", "BKG", "RSP"}),
        ("bn110721200", {"LC", "BKG"}),
        ("bn110731465", {"SPE", "SCAT", "SED", "PLANES", "BKG", "RSP"}),
        ("bayspec-10s", {"SPE", "SCAT", "SED", "PLANES", "BKG", "RSP"}),
    ],
)
def test_every_gbm_burst_gives_all_its_products(
    shared_data: Path, tmp_path: Path, burst: str, kinds: set[str]
) -> None:
    folder = shared_data / "fermi-gbm" / burst
    assert main(["analyze", str(folder), "--output", str(tmp_path)]) == 0
    names = [path.name for path in tmp_path.iterdir()]
    assert {name.split("-")[1].split(".")[0] for name in names if "-" in name} == kinds
    assert {"result.json", "summary.txt", "task.log"} <= set(names)
    assert any(name.endswith(".png") for name in names)


def test_products_can_be_analysed_again(shared_data: Path, tmp_path: Path) -> None:
    """A spectrum that we wrote, read by ourselves, gives the same fit."""
    once, twice = tmp_path / "once", tmp_path / "twice"
    folder = shared_data / "fermi-gbm" / "bayspec-10s"
    assert main(["analyze", str(folder), "--output", str(once)]) == 0
    written = [str(path) for path in once.iterdir() if path.suffix in {".pha", ".bak", ".rsp"}]
    assert main(["analyze", *written, "--output", str(twice)]) == 0
    first, second = (
        msgspec.json.decode((each / "result.json").read_bytes(), type=Result).spectra[0].models[0]
        for each in (once, twice)
    )
    assert first.statistic_value is not None
    assert second.statistic_value == pytest.approx(first.statistic_value, abs=0.01)
    for name, parameter in first.parameters.items():
        assert second.parameters[name].value == pytest.approx(parameter.value, rel=1e-3)
