"""Real bursts through `eclgrmd analyze`: T90 and spectral parameters beside the published ones.

`testbench/compare` prints the whole comparison; here are the entries that a sound analysis meets.
"""

import json
from pathlib import Path

import pytest

from testbench.comparison.case import Case
from testbench.comparison.durations import duration_cases
from testbench.comparison.run import compare
from testbench.comparison.spectra import spectral_cases

pytestmark = pytest.mark.data

SPECTRA = [
    "gbm-bn080916009 Band",
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


def test_the_names_here_are_those_of_the_comparison(cases):
    assert {*SPECTRA, *DURATIONS} <= set(cases)


@pytest.mark.parametrize("name", [*SPECTRA, *DURATIONS])
def test_published_values_are_met(cases, name):
    rows = compare(cases[name])
    assert rows
    wrong = [
        f"{row.quantity}: published {row.published}, ours {row.ours}, tolerance {row.tolerance}"
        for row in rows
        if row.verdict != "within"
    ]
    assert not wrong, "\n".join([*wrong, rows[0].note])
