"""A burst that is far from the trigger, or longer than a quarter of an hour, is found."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from msgspec import structs

from eclgrmd.model.configuration.sections import DurationChoice, ProductChoice, TaskConfiguration
from eclgrmd.model.names import FileKind
from eclgrmd.model.observation import Floats
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.pipeline import run

BIN_S = 8.0


def gaussian(time_s: Floats, middle_s: float, sigma_s: float, peak: float) -> Floats:
    return peak * np.exp(-0.5 * ((time_s - middle_s) / sigma_s) ** 2)


def request(folder: Path, extra: Floats, seed: int, **changes: float) -> PipelineRequest:
    """Analyse a sloping background of 60 counts/s from -6000 to 12,000 s, and additional counts."""
    start = np.arange(-6000.0, 12_000.0, BIN_S)
    rate = 60.0 + 6e-4 * start + extra
    counts = np.random.default_rng(seed).poisson(rate * BIN_S)
    columns = [
        fits.Column("TIME", "D", "s", array=start),
        fits.Column("COUNTS", "J", "count", array=counts),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="RATE")
    table.header.update(
        HDUCLASS="OGIP", HDUCLAS1="LIGHTCURVE", TIMEDEL=BIN_S, TIMEPIXR=0.0, E_MIN=15, E_MAX=350
    )
    path = folder / "long.lc"
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    choice = TaskConfiguration(
        duration=structs.replace(DurationChoice(bootstrap=200), **changes),
        products=ProductChoice(figures=False, tables=False),
    )
    return PipelineRequest(
        task_id="t",
        burst_id="b",
        files=(PipelineFile(str(path), path.name, checksum, FileKind.LIGHT_CURVE),),
        output=str(folder / "out"),
        configuration=choice,
    )


def result_of(asked: PipelineRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    run(asked)
    result = json.loads(Path(asked.output, "result.json").read_bytes())
    return result, result["durations"][0]


TIME = np.arange(-6000.0, 12_000.0, BIN_S) + 0.5 * BIN_S


def texts_of(document: dict[str, Any]) -> list[str]:
    return [flag["text"] for flag in document["flags"]]


def test_a_burst_of_an_hour_is_found_and_told(tmp_path: Path) -> None:
    result, duration = result_of(request(tmp_path, gaussian(TIME, 1500.0, 850.0, 12.0), 46))
    t90 = duration["t90"]
    true = 2.0 * 1.6449 * 850.0
    error = t90["err_plus_s"] if t90["value_s"] < true else t90["err_minus_s"]
    assert abs(t90["value_s"] - true) < 3.0 * error
    assert duration["significance"] > 30.0
    assert duration["searched_s"] == pytest.approx([-6000.0, 12_000.0])
    assert "search widened to -6000 to 12000 s" in texts_of(result)
    summary = Path(tmp_path, "out", "summary.txt").read_text()
    assert "searched from T0-6000.0 s to T0+12000.0 s" in summary


def test_a_burst_that_goes_on_beyond_the_first_window_is_measured_whole(tmp_path: Path) -> None:
    """The first window ends in its brightest part."""
    _, duration = result_of(request(tmp_path, gaussian(TIME, 900.0, 150.0, 80.0), 47))
    assert duration["t90"]["value_s"] == pytest.approx(2.0 * 1.6449 * 150.0, rel=0.1)
    assert not any("truncated" in flag for flag in texts_of(duration))


def test_a_short_burst_in_a_long_file_is_searched_near_the_trigger(tmp_path: Path) -> None:
    result, duration = result_of(request(tmp_path, gaussian(TIME, 100.0, 30.0, 60.0), 48))
    assert duration["t90"]["value_s"] == pytest.approx(2.0 * 1.6449 * 30.0, rel=0.2)
    assert duration["searched_s"] == pytest.approx([-504.0, 1000.0])
    assert not any("widened" in flag for flag in texts_of(result))


@pytest.mark.parametrize("amplitude", [0.0, 3.0, 10.0])
def test_a_background_of_several_orbits_is_no_burst(tmp_path: Path, amplitude: float) -> None:
    wave = amplitude * np.sin(2.0 * np.pi * TIME / 5650.0)
    _, duration = result_of(request(tmp_path, wave, 49))
    assert duration["t90"]["value_s"] is None
    assert duration["searched_s"] == pytest.approx([-6000.0, 12_000.0])
    assert "no significant excess" in texts_of(duration)


def test_a_window_that_is_given_is_kept_to(tmp_path: Path) -> None:
    far = gaussian(TIME, 1500.0, 850.0, 12.0)
    _, duration = result_of(request(tmp_path, far, 46, t_min_s=-200.0, t_max_s=0.0))
    assert duration["t90"]["value_s"] is None
    assert duration["searched_s"] == pytest.approx([-200.0, 0.0])
