"""A background model that is fitted, written, read and used again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eclgrmd.analysis.burst import BurstAnalysis, analyse
from eclgrmd.cli.known_burst import TRUTH, known_burst
from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.configuration.layers import configuration_from_json
from eclgrmd.model.configuration.sections import BackgroundChoice, DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.task import TaskType
from eclgrmd.products.background_models import background_model_tables
from eclgrmd.products.file_keywords import file_keywords_of
from eclgrmd.products.naming import UniqueNames

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))
FROM_FILE = TaskConfiguration(background=BackgroundChoice(mode="file"), duration=QUICK.duration)


@pytest.fixture(scope="module")
def fitted() -> BurstAnalysis:
    return analyse(known_burst(), QUICK, TaskType.BURST)


@pytest.fixture(scope="module")
def written(fitted: BurstAnalysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert fitted.temporal is not None
    request = PipelineRequest(
        task_id="t", burst_id="b", files=(), output="", created_utc="2026-01-01T00:00:00Z"
    )
    origin = file_keywords_of(fitted.observation, request)
    (product,) = background_model_tables(fitted.observation, fitted.temporal, origin, UniqueNames())
    path = tmp_path_factory.mktemp("background") / product.name
    path.write_bytes(product.content)
    return path


@pytest.fixture(scope="module")
def with_file(written: Path) -> Observation:
    models = read_observation([written], burst_id=BurstId("b"), trigger_time_s=0.0)
    return replace(known_burst(), background_models=models.background_models)


def test_written_models_are_read_again(fitted: BurstAnalysis, with_file: Observation) -> None:
    assert fitted.temporal is not None
    assert [m.detector for m in with_file.background_models] == ["GRD01", "GRD02"]
    for model, fit in zip(with_file.background_models, fitted.temporal.backgrounds, strict=True):
        assert model.detector == fit.detector
        assert np.array_equal(model.coefficients, fit.coefficients)
        assert np.array_equal(model.covariance, fit.covariance)
        assert model.intervals_s == pytest.approx(fit.intervals_s, abs=1e-9)
        assert (model.origin_s, model.unit_s) == pytest.approx((fit.origin_s, fit.unit_s))
        assert len(model.knots_s) > 0
        assert model.knots_s == pytest.approx(fit.knots_s, abs=1e-6)


def test_the_file_is_recognised_for_what_it_is(written: Path) -> None:
    found = inspect_file(written)
    assert (found.kind, found.rows, found.channels) == (FileKind.BACKGROUND_MODEL, 2, 64)
    assert found.detectors == ("GRD01", "GRD02")


def test_durations_and_spectra_over_it_are_right(with_file: Observation) -> None:
    found = analyse(with_file, FROM_FILE, TaskType.BURST)
    assert found.temporal is not None
    assert found.spectral is not None
    duration = found.temporal.durations[0]
    assert duration.t90.value_s == pytest.approx(TRUTH["t90_s"], abs=0.2)
    assert "background from a file" in texts(duration.flags)
    fit = found.spectral.intervals[0].models[0]
    epeak = fit.parameters["epeak_kev"]
    assert epeak.value == pytest.approx(TRUTH["epeak_kev"], rel=0.15)


def test_the_background_is_the_sum_of_detectors_and_channels(with_file: Observation) -> None:
    found = analyse(with_file, FROM_FILE, TaskType.TEMPORAL).temporal
    assert found is not None
    duration = found.durations[0]
    rate = 0.0
    for model in with_file.background_models:
        x = -model.origin_s / model.unit_s  # at t0
        bends = np.maximum(-model.knots_s / model.unit_s, 0.0)
        terms = np.concatenate([[1.0, x], bends])
        rate += float((model.coefficients @ terms).sum())
    at_t0 = int(np.searchsorted(duration.curve.start_s, 0.0))
    exposure = duration.curve.exposure_s[at_t0]
    assert duration.background_counts[at_t0] == pytest.approx(rate * exposure, rel=1e-3)


def test_a_missing_detector_or_file_is_named(with_file: Observation) -> None:
    one = replace(with_file, background_models=with_file.background_models[:1])
    with pytest.raises(InputError, match=r"no model of GRD02 .*: they have GRD01"):
        analyse(one, FROM_FILE, TaskType.TEMPORAL)
    with pytest.raises(InputError, match="`file`, but a background model is not among the inputs"):
        analyse(known_burst(), FROM_FILE, TaskType.TEMPORAL)


def test_a_file_for_another_mode_is_refused() -> None:
    with pytest.raises(InputError, match=r"background/mode is `automatic`: must be `file`"):
        configuration_from_json('{"background": {"file": "b.fits"}}')
