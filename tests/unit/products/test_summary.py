"""What a burst advocate reads: every number of the result, in sentences."""

import pytest

from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.products.result import result_of
from eclgrmd.products.summary import summary_of, summary_text


@pytest.fixture
def text(analysis) -> str:
    return summary_text(result_of(analysis, TaskConfiguration(), []))


@pytest.mark.parametrize(
    "line",
    [
        "sb26051301, T0 = 2026-05-13T01:02:03.456 UTC",
        "Duration, SVOM/GRM GRD01+GRD02, 15-5000 keV:",
        "  T90 = 16.40 (+0.70, -0.50) s, from T0+3.200 s to T0+19.600 s",
        "  significance 61.2 sigma",
        "Spectrum, T0+2.000 s to T0+22.000 s (t100), GRD01+GRD02: Band function",
        "  Epeak = 312 (+25, -21) keV",
        "  beta = -2.60 (+0.20, -?)",
        "  PGSTAT 118.20 for 124 dof",
        "  fluence 10-1000 keV: (8.40 +0.30 -0.20)e-06 erg/cm2",
    ],
)
def test_the_text_says(text, line):
    assert line in text.splitlines()


def test_nothing_found_is_said_with_its_upper_limit(empty_analysis):
    text = summary_text(result_of(empty_analysis, TaskConfiguration(), []))
    assert "no significant excess; 3-sigma upper limit 123.4 counts" in text
    assert "Flags: no_response" in text


def test_headline_numbers_are_those_of_the_reference_results(analysis):
    summary = summary_of(result_of(analysis, TaskConfiguration(), []))
    assert (summary.t90_s, summary.t50_s, summary.significance) == (16.4, 6.75, 61.2)
    assert (summary.model, summary.statistic, summary.dof) == ("band", "pgstat", 124)
    assert summary.parameters["epeak_kev"] == (312.0, 21.0, 25.0)
    assert summary.parameters["beta"] == (-2.6, None, 0.2)
    assert summary.fluence_erg == 8.4e-6


def test_what_is_not_there_is_null(empty_analysis):
    summary = summary_of(result_of(empty_analysis, TaskConfiguration(), []))
    assert summary.t90_s is None
    assert summary.model is None
    assert summary.flags == ("no_response", "not-significant")
