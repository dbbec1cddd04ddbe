"""The summary contains every number of the result, in sentences."""

from dataclasses import replace

import pytest
from msgspec import structs

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import SpectralAnalysis
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Character, Classification, ClassName, Parameter
from eclgrmd.products.character_text import class_text
from eclgrmd.products.result import result_of
from eclgrmd.products.summary import summary_of, summary_text
from tests.support.bursts import made_up
from tests.support.present import present


def with_character(analysis: BurstAnalysis, character: Character) -> BurstAnalysis:
    return replace(analysis, temporal=TemporalAnalysis((made_up.duration(character=character),)))


@pytest.fixture
def text(analysis: BurstAnalysis) -> str:
    return summary_text(result_of(analysis, TaskConfiguration(), []))


@pytest.mark.parametrize(
    "line",
    [
        "sb26051301, T0 = 2026-05-13T01:02:03.456 UTC",
        "Duration, SVOM/GRM GRD01+GRD02, 15-5000 keV:",
        "  T90 = 16.40 (+0.70, -0.50) s, from T0+3.200 s to T0+19.600 s",
        "  method: counts",
        "  significance 61.2 sigma",
        "Spectrum, T0+2.000 s to T0+22.000 s (t100), GRD01+GRD02: Band function",
        "  Epeak = 312 (+25, -21) keV",
        "  beta = -2.60 (+0.20, -?)",
        "  PGSTAT 118.20 for 124 dof",
        "  fluence 10-1000 keV: (8.40 +0.30 -0.20)e-06 erg/cm2",
    ],
)
def test_the_text_says(text: str, line: str) -> None:
    assert line in text.splitlines()


def test_of_several_models_the_reference_and_the_preferred_one_are_described_in_full(
    analysis: BurstAnalysis,
) -> None:
    band = made_up.fit("band", preferred=False, reason="BIC 3.1 above that of cpl")
    cpl = made_up.fit("cpl", reason="lowest BIC, but not decisively: 3.1 below that of band")
    pl = made_up.fit("pl", preferred=False, reason="BIC 40.0 above that of cpl")
    spectral = SpectralAnalysis((made_up.interval_fits(band, pl, cpl),))
    described = replace(analysis, spectral=spectral)
    lines = summary_text(result_of(described, TaskConfiguration(), [])).splitlines()
    assert sum(line.startswith("Spectrum, T0") for line in lines) == 2
    assert "  PGSTAT 118.20 for 124 dof, BIC 3.1 above that of cpl" in lines
    preferred = "preferred: lowest BIC, but not decisively: 3.1 below that of band"
    assert f"  PGSTAT 118.20 for 124 dof, {preferred}" in lines
    assert "  PGSTAT 118.20 for 124 dof, power law: BIC 40.0 above that of cpl" in lines


@pytest.mark.parametrize(
    "line",
    [
        "The light curve shows a single pulse.",
        "class: long, P(long) = 0.97",
        "significance GRD01 42.0 sigma, GRD02 40.0 sigma",
        "peak rate in 64 ms = 1800 (+120, -110) counts/s from T0+9.984 s; noise adds about 250.4",
        "hardness, counts in 50-300 over 15-50 keV = 1.250 (+0.031, -0.030)",
        "spectral lag of 15-50 behind 50-300 keV = 0.310 (+0.040, -0.042) s",
        "minimum variability time-scale < 0.123 s (2 sigma)",
        "flags: gap in the burst",
    ],
)
def test_the_text_states_the_character_of_the_burst(analysis: BurstAnalysis, line: str) -> None:
    described = with_character(analysis, made_up.character())
    text = summary_text(result_of(described, TaskConfiguration(), []))
    assert f"  {line}" in text.splitlines()


def test_unmeasured_quantities_are_left_out_of_the_text(analysis: BurstAnalysis) -> None:
    described = with_character(analysis, made_up.character())
    assert "peak rate in 1 s" not in summary_text(result_of(described, TaskConfiguration(), []))


def test_short_times_are_written_in_milliseconds(analysis: BurstAnalysis) -> None:
    lag = structs.replace(
        present(made_up.character().lag), lag_s=Measurement(-0.0009, 0.0048, 0.0068)
    )
    described = with_character(analysis, structs.replace(made_up.character(), lag=lag))
    text = summary_text(result_of(described, TaskConfiguration(), []))
    assert "spectral lag of 15-50 behind 50-300 keV = -0.9 (+6.8, -4.8) ms" in text


def test_a_bias_well_below_the_error_is_not_mentioned(analysis: BurstAnalysis) -> None:
    peak = structs.replace(made_up.character().peak_rates[0], bias_counts_per_s=20.0)
    described = with_character(analysis, structs.replace(made_up.character(), peak_rates=(peak,)))
    assert "noise" not in summary_text(result_of(described, TaskConfiguration(), []))


@pytest.mark.parametrize(
    ("name", "probability_short", "text"),
    [
        ("short", 0.95, "short, P(short) = 0.95"),
        ("short", 0.9999, "short, P(short) > 0.99"),
        ("long", 1e-4, "long, P(long) > 0.99"),
        ("unsure", 0.4, "unsure, P(short) = 0.40"),
    ],
)
def test_a_class_comes_with_its_probability(
    name: ClassName, probability_short: float, text: str
) -> None:
    assert class_text(Classification(name, probability_short, "", ())) == text


def test_nothing_found_is_said_with_its_upper_limit(empty_analysis: BurstAnalysis) -> None:
    text = summary_text(result_of(empty_analysis, TaskConfiguration(), []))
    assert "no significant excess; 3-sigma upper limit 123.4 counts" in text
    assert "Flags: no response" in text


def test_headline_numbers_are_those_of_the_reference_results(analysis: BurstAnalysis) -> None:
    summary = summary_of(result_of(analysis, TaskConfiguration(), []))
    assert (summary.t90_s, summary.t50_s, summary.significance) == (16.4, 6.75, 61.2)
    assert (summary.model, summary.statistic, summary.dof) == ("band", "pgstat", 124)
    assert summary.parameters["epeak_kev"] == (312.0, 21.0, 25.0)
    assert summary.parameters["beta"] == (-2.6, None, 0.2)
    assert summary.fluence_erg == 8.4e-6


def test_missing_values_are_null(empty_analysis: BurstAnalysis) -> None:
    summary = summary_of(result_of(empty_analysis, TaskConfiguration(), []))
    assert summary.t90_s is None
    assert summary.model is None
    assert summary.flags == ("no response", "no significant excess")


def test_the_summary_states_energies_area_constants_and_flags_of_a_spectrum(
    analysis: BurstAnalysis,
) -> None:
    poor = Flag(FlagCode.POOR_FIT, detail="PGSTAT 7129 for 98 dof")
    fit = made_up.fit("band", flags=(poor,), preferred=False)
    constants = {
        "GRD01": Parameter(1.0, 0.0, 0.0, free=False),
        "GRD02": Parameter(0.85, 0.04, 0.05, free=True),
    }
    interval = structs.replace(
        made_up.interval_fits(structs.replace(fit, area=constants)),
        energy_kev={"GRD01": (15.0, 900.0), "GRD02": (15.0, 900.0)},
        area_groups=(("GRD01",), ("GRD02",)),
        flags=(Flag(FlagCode.NONE_FITS),),
    )
    found = result_of(
        replace(analysis, spectral=SpectralAnalysis((interval,))), TaskConfiguration(), []
    )
    lines = summary_text(found).splitlines()
    assert "  energies: GRD01+GRD02 15-900 keV" in lines
    assert (
        "  area constants: GRD01 1 (fixed), GRD02 0.850 (+0.050, -0.040) (Band function)" in lines
    )
    assert "  flags of these spectra: none fits: all models are poor fits" in lines
    assert "  flags: poor fit: PGSTAT 7129 for 98 dof" in lines
    flags = summary_of(found).flags
    assert {"poor fit: PGSTAT 7129 for 98 dof", "none fits: all models are poor fits"} <= set(flags)
