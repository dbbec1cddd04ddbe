"""Every key of the configuration takes effect through the steps that declare it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.analysis.burst import BurstAnalysis, analyse, compute_all
from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.cli.known_burst import known_burst
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, leaves, patched, pointer, resolve
from eclgrmd.model.configuration.schema import configuration_schema
from eclgrmd.model.names import FileKind, Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.model.task import TaskType
from eclgrmd.pipeline.reading import files_used, read_files
from eclgrmd.products.make import make_figures, make_products
from eclgrmd.products.result import result_of
from tests.support.bursts.pulse import light_curve_file
from tests.support.present import present

Values = dict[str, Any]
"""Keys and values of a configuration, as JSON."""
Look = Callable[[BurstAnalysis], object]
"""Finds in an analysis what a key changes."""
GRM = known_burst()
"""A box of 10 s in GRD01 and GRD02, a Band spectrum with Epeak at 200 keV."""
QUICK: Values = {
    "duration": {"bootstrap": 100, "bin_s": 0.25, "character": False, "photon_fluence": False},
    "spectral": {"goodness_spectra": 0, "flux_bands_kev": [[10, 1000]]},
}


def both_instruments() -> Observation:
    """Return the same photons again, as if ECLAIRs had seen them, too."""
    ecl = tuple(replace(e, instrument=Instrument.ECLAIRS, detector="ECL") for e in GRM.events[:1])
    return replace(GRM, events=(*GRM.events, *ecl))


def found(
    change: Values, observation: Observation = GRM, what: TaskType = TaskType.BURST
) -> BurstAnalysis:
    configuration = resolve(Layer("task", patched(QUICK, change))).configuration
    return analyse(observation, configuration, what, recall=compute_all(configuration))


def duration(analysis: BurstAnalysis) -> DurationMeasurement:
    return present(analysis.temporal).durations[0]


def background(analysis: BurstAnalysis) -> BackgroundFit:
    return present(duration(analysis).background_fit)


def interval(analysis: BurstAnalysis) -> IntervalFits:
    return present(analysis.spectral).intervals[0]


def fit(analysis: BurstAnalysis) -> SpectralFit:
    return interval(analysis).models[0]


def bin_width(analysis: BurstAnalysis) -> float:
    curve = duration(analysis).curve
    return float(np.median(curve.stop_s - curve.start_s))


def blocks(analysis: BurstAnalysis) -> int:
    return len(duration(analysis).block_rates)


SIDES = [[-50.0, -20.0], [30.0, 70.0]]
TEMPORAL: list[tuple[Values, Look, object]] = [
    (
        {"background": {"mode": "intervals", "intervals_s": SIDES}},
        lambda a: background(a).intervals_s.tolist(),
        SIDES,
    ),
    ({"background": {"order": 3}}, lambda a: background(a).order, 3),
    (
        {"duration": {"band_kev": [15, 300]}},
        lambda a: round(present(duration(a).band_kev)[1], -2),
        300.0,
    ),
    ({"duration": {"t_min_s": 4.0}}, lambda a: present(duration(a).t100_s)[0], 4.0),
    ({"duration": {"t_max_s": 6.0}}, lambda a: present(duration(a).t100_s)[1], 6.0),
    ({"duration": {"bin_s": 0.5}}, bin_width, 0.5),
    (
        {"per_instrument": {"GRM": {"duration": {"bin_s": 1.0}, "background": {"order": 0}}}},
        lambda a: (bin_width(a), background(a).order),
        (1.0, 0),
    ),
    ({"detectors": ["GRD02"]}, lambda a: duration(a).detectors, ("GRD02",)),
    (
        {
            "background": {"mode": "intervals", "intervals_s": [[-40, -5], [15, 50]], "order": 1},
            "duration": {"method": "gbm_catalogue"},
        },
        lambda a: duration(a).method.partition(":")[0],
        "recipe of the GBM catalogue",
    ),
    ({"duration": {"character": True}}, lambda a: duration(a).character is not None, True),
    (
        {"duration": {"photon_fluence": True}},
        lambda a: duration(a).photon_fluence is not None,
        True,
    ),
]
SPECTRAL: list[tuple[Values, Look, object]] = [
    ({"spectral": {"models": ["cpl"]}}, lambda a: fit(a).name, "cpl"),
    ({"spectral": {"intervals": [[1, 4]]}}, lambda a: interval(a).interval_s, (1.0, 4.0)),
    ({"spectral": {"intervals": ["peak"]}}, lambda a: interval(a).kind, "peak"),
    (
        {"spectral": {"intervals": ["post_slew"], "slew_s": [2, 5]}},
        lambda a: interval(a).interval_s[0],
        5.0,
    ),
    (
        {"spectral": {"energy_kev": {"GRD01": [50, 500]}}},
        lambda a: interval(a).energy_kev["GRD01"][0] >= 50.0,
        True,
    ),
    ({"spectral": {"statistic": "cstat"}}, lambda a: interval(a).statistic, "cstat"),
    ({"spectral": {"area_correction": True}}, lambda a: fit(a).area["GRD02"].free, True),
    (
        {"spectral": {"area_groups": [["GRD01"], ["GRD02"]]}},
        lambda a: interval(a).area_groups,
        (("GRD01",), ("GRD02",)),
    ),
    (
        {"spectral": {"flux_bands_kev": [[20, 200]]}},
        lambda a: [each.band_kev for each in fit(a).flux],
        [(20.0, 200.0)],
    ),
    ({"spectral": {"goodness_spectra": 20}}, lambda a: present(fit(a).goodness).simulated, 20),
    ({"spectral": {"redshift": 1.5}}, lambda a: [r.redshift for r in fit(a).rest_frame], [1.5]),
    ({"spectral": {"posterior_samples": 50}}, lambda a: fit(a).posterior is not None, True),
]


@pytest.fixture(scope="module")
def usual() -> BurstAnalysis:
    return found({})


@pytest.mark.parametrize(("change", "look", "expected"), [*TEMPORAL, *SPECTRAL])
def test_a_key_does_what_it_says(
    usual: BurstAnalysis, change: Values, look: Look, expected: object
) -> None:
    what = TaskType.TEMPORAL if "spectral" not in change else TaskType.BURST
    try:
        before = look(usual)
    except AssertionError:
        before = None  # what the key asks for is not there without it
    assert before != expected
    assert look(found(change, what=what)) == expected


@pytest.mark.parametrize(
    "change", [{"duration": {"bootstrap": 150}}, {"duration": {"resegment": True}}, {"seed": 3}]
)
def test_other_replicas_give_other_errors(usual: BurstAnalysis, change: Values) -> None:
    other = duration(found(change, what=TaskType.TEMPORAL))
    assert other.t90.err_minus_s != duration(usual).t90.err_minus_s


def test_more_false_alarms_are_taken_when_they_are_allowed() -> None:
    quiet = replace(
        GRM,
        events=tuple(
            replace(e, time_s=e.time_s[early], channel=e.channel[early])
            for e in GRM.events
            for early in [(e.time_s < 0) | (e.time_s > 10)]
        ),
    )
    strict, lax = (
        blocks(found({"duration": {"false_alarm": p}}, quiet, TaskType.TEMPORAL))
        for p in (0.001, 0.9)
    )
    assert lax > strict


def test_ignored_energies_are_left_out(usual: BurstAnalysis) -> None:
    without = found({"spectral": {"ignore_kev": {"GRM": [[100, 200]]}}})
    assert used_channels(without) < used_channels(usual)


def used_channels(analysis: BurstAnalysis) -> int:
    return sum(int(used.sum()) for used in interval(analysis).used)


def test_a_smaller_significance_resolves_more() -> None:
    analyses = (
        found({"spectral": {"intervals": ["significance"], "resolved_sigma": s}})
        for s in (15.0, 40.0)
    )
    many, few = (len(present(analysis.spectral).intervals) for analysis in analyses)
    assert many > few


def test_both_instruments_are_measured_together_unless_not_wanted() -> None:
    for wanted in (True, False):
        change = {"duration": {"combined": wanted}}
        analysis = found(change, both_instruments(), TaskType.TEMPORAL)
        assert (present(analysis.temporal).combined is not None) == wanted


def test_light_curves_and_products_are_made_as_wanted() -> None:
    analysis = found({}, what=TaskType.TEMPORAL)

    def names(change: Values) -> set[str]:
        request = request_for((), patched(QUICK, change))
        result = result_of(analysis, request.configuration, [])
        return {each.name for each in make_products(analysis, result, request)}

    plain = {"products": {"tables": False}}
    assert names(plain) == {"result.json", "summary.txt"}
    tables = names({"light_curves": {"bins_s": [2.0]}})
    assert {"GRM-LC-2000MS.fits", "GRM-LC-BLOCKS.fits"} <= tables
    assert "GRM-LC-64MS.fits" not in tables
    three = {"light_curves": {"bands_kev": [[15, 50], [50, 100], [100, 300]]}}
    figures = [each.name for each in make_figures(analysis, request_for((), three))]
    assert "GRM-LC-BANDS.png" in figures


def file_of(name: str, kind: FileKind) -> PipelineFile:
    return PipelineFile(name, name, "0" * 64, kind)


def request_for(files: tuple[PipelineFile, ...], configuration: Values) -> PipelineRequest:
    resolved = resolve(Layer("task", configuration)).configuration
    return PipelineRequest(
        task_id="t", burst_id="b", files=files, output="", configuration=resolved
    )


def test_only_the_named_calibration_is_used() -> None:
    files = (
        file_of("grm_evt.fits", FileKind.EVENTS),
        file_of("grd01_v01.rsp", FileKind.RESPONSE),
        file_of("grd01_v02.rsp", FileKind.RESPONSE),
    )
    used = files_used(request_for(files, {"calibration": ["grd01_v01.rsp"]}))
    assert [each.name for each in used] == ["grm_evt.fits", "grd01_v01.rsp"]
    with pytest.raises(InputError, match=r"/calibration/0 is 'x.rsp': .*grd01_v01.rsp, grd01_v02"):
        files_used(request_for(files, {"calibration": ["x.rsp"]}))


def test_only_the_named_instruments_are_read_and_t0_is_the_named_one(tmp_path: Path) -> None:
    path = light_curve_file(tmp_path)
    files = (PipelineFile(str(path), path.name, "0" * 64, FileKind.LIGHT_CURVE),)

    assert read_files(request_for(files, {})).t0_met_s == 0.0
    read = read_files(request_for(files, {"instruments": ["GRM"], "trigger_time_s": 5.0}))
    assert read.t0_met_s == 5.0
    with pytest.raises(InputError, match="/instruments is ECL: the files have data of GRM"):
        read_files(request_for(files, {"instruments": ["ECL"]}))


ELSEWHERE = {
    "/schema",
    "/background/axis",  # tests/unit/analysis/temporal/background/test_templates.py
    "/background/templates",  # the same
    "/background/file",  # tests/unit/products/test_background_models.py
    "/instruments",
    "/calibration",
    "/trigger_time_s",
    "/seed",
    "/duration/bootstrap",
    "/duration/false_alarm",
    "/duration/other_sources",  # tests/unit/analysis/temporal/search/test_directions.py
    "/duration/combined",
    "/duration/resegment",
    "/spectral/ignore_kev",
    "/spectral/resolved_sigma",
    "/light_curves/bins_s",
    "/light_curves/bands_kev",
    "/products/figures",
    "/products/tables",
}
"""Keys with a test of their own."""


def test_no_key_is_without_a_test() -> None:
    tested = {
        pointer(path[2:] if path[0] == "per_instrument" else path[:2])
        for change, *_ in (*TEMPORAL, *SPECTRAL)
        for path, _ in leaves(change)
    }
    offered = {key for step in every_key() for key in step}
    assert offered == tested | ELSEWHERE


def every_key() -> Iterator[Collection[str]]:
    definitions = configuration_schema()["$defs"]
    for key, described in definitions["TaskConfiguration"]["properties"].items():
        section = described.get("$ref", "").rpartition("/")[2]
        if section:
            yield [f"/{key}/{each}" for each in definitions[section]["properties"]]
        elif key != "per_instrument":
            yield [f"/{key}"]
