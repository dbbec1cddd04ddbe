"""`result.json` keeps the contract `eclgrmd.result/2`."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.results import SpectralAnalysis
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import Duration, Input, ModelFit, Posterior, Result
from eclgrmd.products.result import encode, result_of, result_schema
from eclgrmd.products.result.schema import encode_schema
from tests.support.bursts import made_up

WIDTH_KEYS = {"value_s", "err_minus_s", "err_plus_s", "start_s", "stop_s"}


def document(analysis: BurstAnalysis) -> dict[str, Any]:
    inputs = [Input("svom_grm.fits", "0" * 64, "events")]

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    content = encode(result_of(analysis, TaskConfiguration(), inputs))
    found: dict[str, Any] = json.loads(content, parse_constant=refuse)
    return found


def test_the_committed_schema_is_current() -> None:
    committed = files("eclgrmd.products.result").joinpath("result.schema.json").read_bytes()
    assert committed == encode_schema(), "write encode_schema() to result.schema.json"


@pytest.mark.parametrize("which", ["analysis", "empty_analysis"])
def test_a_result_fits_the_schema(which: str, request: pytest.FixtureRequest) -> None:
    jsonschema.Draft202012Validator(result_schema()).validate(
        document(request.getfixturevalue(which))
    )


def test_the_stable_core_is_where_the_contract_says(analysis: BurstAnalysis) -> None:
    found = document(analysis)
    assert found["schema"] == "eclgrmd.result/2"
    assert found["burst"] == {
        "id": "sb26051301",
        "t0": "2026-05-13T01:02:03.456",
        "t0_met_s": 294195723.456,
    }
    (duration,) = found["durations"]
    assert duration["instrument"] == "GRM"
    assert duration["detectors"] == ["GRD01", "GRD02"]
    assert duration["band_kev"] == [15.0, 5000.0]
    assert duration["t90"].keys() >= WIDTH_KEYS
    assert duration["t90"]["value_s"] == 16.4
    assert duration["t50"]["err_plus_s"] == 0.24
    (spectrum,) = found["spectra"]
    assert (spectrum["interval_s"], spectrum["kind"]) == ([2.0, 22.0], "t100")
    assert spectrum["statistic"] == "pgstat"
    (model,) = spectrum["models"]
    assert (model["name"], model["preferred"], model["dof"]) == ("band", True, 124)
    epeak = model["parameters"]["epeak_kev"]
    assert epeak == epeak | {"value": 312.0, "err_minus": 21.0, "err_plus": 25.0, "free": True}
    (flux,) = model["flux"]
    assert flux["photon"] == {"value": 2.1, "err_minus": 0.1, "err_plus": 0.1}
    (fluence,) = model["fluence_erg"]
    assert fluence == {
        "band_kev": [10.0, 1000.0],
        "value": 8.4e-6,
        "err_minus": 2e-7,
        "err_plus": 3e-7,
    }


def test_the_character_of_a_burst_is_part_of_its_duration(analysis: BurstAnalysis) -> None:
    duration = made_up.duration(character=made_up.character())
    found = document(replace(analysis, temporal=TemporalAnalysis((duration,))))
    jsonschema.Draft202012Validator(result_schema()).validate(found)
    character = found["durations"][0]["character"]
    assert [each["sigma"] for each in character["significances"]] == [42.04, 40.0]
    peak, missing = character["peak_rates"]
    assert peak["rate_counts_per_s"] == {"value": 1800.0, "err_minus": 110.0, "err_plus": 120.0}
    assert (missing["interval_s"], missing["flags"]) == (
        None,
        [{"code": "wide_bins", "text": "bins too wide"}],
    )
    assert character["hardness"]["ratio"]["value"] == 1.25
    assert character["lag"]["lag_s"]["value"] == 0.31
    assert character["variability"]["scale_s"]["value"] is None
    assert character["variability"]["upper_limit_s"] == 0.123
    assert character["classification"]["name"] == "long"
    assert character["morphology"]["sentence"] == "The light curve shows a single pulse."


def test_nothing_significant_has_no_character(empty_analysis: BurstAnalysis) -> None:
    assert document(empty_analysis)["durations"][0]["character"] is None


def test_an_unbounded_error_is_null(analysis: BurstAnalysis) -> None:
    model = document(analysis)["spectra"][0]["models"][0]
    assert model["parameters"]["beta"]["err_minus"] is None


def test_missing_values_are_null_and_a_flag_says_why(empty_analysis: BurstAnalysis) -> None:
    found = document(empty_analysis)
    assert found["spectra"] == []
    assert found["flags"] == [{"code": "no_response", "text": "no response"}]
    (duration,) = found["durations"]
    assert {duration["t90"][key] for key in WIDTH_KEYS} == {None}
    assert duration["flags"] == [{"code": "no_excess", "text": "no significant excess"}]
    assert duration["upper_limit_counts"] == 123.4


def test_not_a_number_becomes_null(analysis: BurstAnalysis) -> None:
    fit = replace(made_up.background_fit(), statistic=np.array([np.nan]))
    duration = made_up.duration(
        net_counts=Measurement(np.nan, np.inf, 1.0), significance=np.inf, background_fit=fit
    )
    model = made_up.fit("band", covariance=((1.0, np.nan), (np.nan, np.inf)))
    broken = replace(
        analysis,
        temporal=TemporalAnalysis((duration,)),
        spectral=SpectralAnalysis((made_up.interval_fits(model),)),
    )
    (found,) = document(broken)["durations"]
    covariance = document(broken)["spectra"][0]["models"][0]["covariance"]
    assert covariance == [[1.0, None], [None, None]]
    assert found["net_counts"] == {"value": None, "err_minus": None, "err_plus": 1.0}
    assert found["significance"] is None
    assert found["background"]["statistic"] is None


def test_what_the_analysis_adds_for_figures_is_not_published(analysis: BurstAnalysis) -> None:
    chain = np.random.default_rng(1).normal(size=(100, 1))
    fit = made_up.fit("band", posterior=made_up.posterior(("alpha",), chain))
    found = result_of(
        replace(analysis, spectral=SpectralAnalysis((made_up.interval_fits(fit),))),
        TaskConfiguration(),
        [],
    )
    assert type(found.durations[0]) is Duration
    assert type(found.spectra[0].models[0]) is ModelFit
    posterior = found.spectra[0].models[0].posterior
    assert type(posterior) is Posterior
    # the median of a column, by numpy
    assert posterior.parameters["alpha"].median == np.median(chain[:, 0])
    assert msgspec.json.decode(encode(found), type=Result) == found


def test_a_result_names_inputs_configuration_and_software(analysis: BurstAnalysis) -> None:
    found = document(analysis)
    assert found["inputs"] == [
        {"name": "svom_grm.fits", "sha256": "0" * 64, "kind": "events", "version": None}
    ]
    assert found["configuration"]["duration"]["false_alarm"] == 0.01
    assert {"eclgrmd", "numpy", "python"} <= found["software"].keys()
    assert found["durations"][0]["background"]["order"] == 1


def test_the_same_analysis_gives_the_same_bytes(analysis: BurstAnalysis) -> None:
    one, two = (encode(result_of(analysis, TaskConfiguration(), [])) for _ in range(2))
    assert one == two
