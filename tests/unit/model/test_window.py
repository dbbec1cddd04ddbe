"""Only the needed part of long files is read, and the result does not change."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.analysis.burst import measure
from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import (
    BackgroundChoice,
    DurationChoice,
    SpectralChoice,
    TaskConfiguration,
)
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.model.window import reading_window
from eclgrmd.pipeline.reading import read_files

T0_S = 3.1e8


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two hours of 200 counts/s with a burst in the middle, in two files."""
    rng = np.random.default_rng(7)
    time = rng.uniform(-3600.0, 3600.0, 7200 * 200)
    time = np.sort(np.concatenate([time, rng.normal(5.0, 3.0, 8000)]))
    folder = tmp_path_factory.mktemp("hours")
    paths = []
    for number, part in enumerate((time[time < 0.0], time[time >= 0.0])):
        rows = np.zeros(part.size, dtype=[("TIME", ">f8"), ("PI", ">i2")])
        rows["TIME"] = part + T0_S
        table = fits.BinTableHDU(rows, name="EVENTS")
        table.header.update(
            INSTRUME="X-ray", TRIGTIME=T0_S, MJDREFI=57754, MJDREFF=0.0008, TIMESYS="TT"
        )
        path = folder / f"hour{number}.fits"
        table.writeto(path)
        paths.append(path)
    return paths


def read(hours: list[Path], configuration: TaskConfiguration) -> Observation:
    files = tuple(PipelineFile(str(p), p.name, "0" * 64, FileKind.EVENTS) for p in hours)
    request = PipelineRequest(
        task_id="t", burst_id="b", files=files, output="", configuration=configuration
    )
    return read_files(request)


def test_the_window_holds_all_that_is_asked_for() -> None:
    assert reading_window(TaskConfiguration()) == (-600.0, 1100.0)
    far = TaskConfiguration(
        duration=DurationChoice(t_min_s=-1000.0, t_max_s=3000.0),
        background=BackgroundChoice(mode="intervals", intervals_s=((-2000.0, -1900.0),)),
        spectral=SpectralChoice(intervals=("t100", (10.0, 5000.0))),
    )
    assert reading_window(far) == (-2100.0, 5100.0)


def test_less_is_read_and_the_same_is_found(hours: list[Path]) -> None:
    configuration = TaskConfiguration()
    whole = read_observation(hours, burst_id=BurstId("b"))
    part = read(hours, configuration)
    assert len(part.events[0].time_s) < 0.3 * len(whole.events[0].time_s)
    (everything,) = measure(whole, configuration).durations
    (found,) = measure(part, configuration).durations
    assert found.t90 == everything.t90
    assert found.t100_s == everything.t100_s
    assert list(found.block_edges_s) == list(everything.block_edges_s)


def test_data_that_lie_elsewhere_are_read_whole(hours: list[Path]) -> None:
    observation = read(hours, TaskConfiguration(trigger_time_s=T0_S + 8_000.0))
    assert len(observation.events[0].time_s) > 1_000_000


def test_a_t0_far_outside_the_data_is_refused(hours: list[Path]) -> None:
    with pytest.raises(InputError, match="give --trigger-time"):
        read(hours, TaskConfiguration(trigger_time_s=T0_S + 50_000.0))
