"""Written files are read back unchanged, and have the mission's keywords."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import PermanentError
from eclgrmd.formats import (
    CurveWithBackground,
    Spline,
    background_to_fits,
    events_to_fits,
    inspect_file,
    light_curve_to_fits,
    light_curves_to_fits,
    read_observation,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.formats.fits.provenance import reference_epoch
from eclgrmd.model.names import BurstId, FileKind, Instrument
from eclgrmd.model.observation import Background, LightCurve, Observation, Spectrum
from tests.unit.formats.values import (
    CHANNELS,
    EVENTS,
    LIGHT_CURVE,
    PROVENANCE,
    RESPONSE,
    SPECTRUM,
    T0_MET_S,
    T0_UTC,
)

Write = Callable[[str, bytes], Path]


def same(one: object, other: object) -> None:
    """Compare two values of the model field by field, except for their file names."""
    for field in fields(one):  # type: ignore[arg-type]  # only dataclasses come here
        if field.name in {"files", "asked_kev"}:
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if hasattr(a, "__dataclass_fields__") and b is not None:
            same(a, b)
        elif isinstance(a, np.ndarray):
            np.testing.assert_allclose(b, a, rtol=1e-7, atol=1e-7, err_msg=field.name)
        elif isinstance(a, float):
            assert b == pytest.approx(a, abs=1e-7), field.name
        else:
            assert a == b, field.name


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


def test_events_come_back_to_the_microsecond(write: Write) -> None:
    observation = read(write("e.fits", events_to_fits(EVENTS, PROVENANCE)))
    (events,) = observation.events
    same(EVENTS, events)
    assert events.time_s.tolist() == EVENTS.time_s.tolist()
    assert (observation.t0_met_s, observation.t0_utc) == (T0_MET_S, T0_UTC)


def test_events_without_energies_come_back(write: Write) -> None:
    events = replace(EVENTS, channels=None, channel=np.array([3, 1000, 2, 7], dtype=np.int16))
    same(events, read(write("e.fits", events_to_fits(events, PROVENANCE))).events[0])


@pytest.mark.parametrize(
    "curve",
    [
        LIGHT_CURVE,
        replace(
            LIGHT_CURVE,
            counts=np.array([-1.5, 0.25, 7.0]),
            error=np.array([0.5, 0.6, 0.7]),
            background_subtracted=True,
        ),
    ],
)
def test_light_curves_come_back(write: Write, curve: LightCurve) -> None:
    path = write("lc.fits", light_curve_to_fits(curve, PROVENANCE))
    same(curve, read(path).light_curves[0])
    assert inspect_file(path).kind is FileKind.LIGHT_CURVE


def test_the_main_light_curve_of_several_comes_back(write: Write) -> None:
    background = np.array([1.0, 2.0, 3.0])
    main = CurveWithBackground(LIGHT_CURVE, background, 0.1 * background)
    soft = CurveWithBackground(replace(LIGHT_CURVE, band_kev=(15.0, 50.0)))
    fit = Spline(
        intervals_s=np.array([[-20.0, -5.0], [30.0, 60.0]]),
        coefficients=np.array([10.0, 0.5, 0.1]),
        covariance=np.diag([4.0, 9.0, 16.0]),
        origin_s=5.0,
        unit_s=20.0,
        knots_s=np.array([10.0]),
        statistic=101.5,
        dof=99,
    )
    path = write("lc.fits", light_curves_to_fits([main, soft], PROVENANCE, fit))
    same(LIGHT_CURVE, read(path).light_curves[0])
    with fits.open(path) as file:
        first, second = file["RATE", 1], file["RATE", 2]
        expected = background / LIGHT_CURVE.exposure_s
        assert first.data["BACKV"] == pytest.approx(expected)
        assert first.data["BACKE"] == pytest.approx(0.1 * expected)
        assert (second.header["E_MIN"], second.header["E_MAX"]) == (15.0, 50.0)
        assert "BACKV" not in second.columns.names
        assert file["BKGINT"].data["STOP"] - T0_MET_S == pytest.approx([-5.0, 60.0])
        assert file["BKGCOEF"].data["ERROR"].tolist() == [2.0, 3.0, 4.0]
        assert file["BKGCOEF"].data["KNOT"][2] - T0_MET_S == pytest.approx(10.0)
        assert file["BKGCOEF"].header["BKGORIG"] == 5.0


def written(write: Write, spectrum: Spectrum) -> Observation:
    path = write(
        "s.pha",
        spectrum_to_fits(spectrum, PROVENANCE, background_file="s.bak", response_file="s.rsp"),
    )
    if spectrum.background is not None:
        write("s.bak", background_to_fits(spectrum, PROVENANCE))
    write("s.rsp", response_to_fits([RESPONSE], PROVENANCE))
    return read(path)


@pytest.mark.parametrize(
    "spectrum",
    [
        SPECTRUM,
        replace(SPECTRUM, good=np.array([True, True, False, True, True])),
        replace(SPECTRUM, grouping=np.array([1, -1, 1, -1, -1], dtype=np.int16)),
        replace(SPECTRUM, systematic=np.array([0.1, 0.0, 0.05, 0.1, 0.1])),
        replace(SPECTRUM, background=None, counts=SPECTRUM.counts - 0.25, error=np.full(5, 0.3)),
        replace(
            SPECTRUM,
            background=Background(np.array([3.0, 4.0, 0.0, 1.0, 2.0]) * 0.25, None, scale=0.25),
        ),
    ],
    ids=["plain", "quality", "grouping", "systematic", "net", "Poisson background"],
)
def test_spectra_come_back_with_the_background_and_response_that_they_name(
    write: Write, spectrum: Spectrum
) -> None:
    (back,) = written(write, spectrum).spectra
    same(spectrum, back)


@pytest.mark.parametrize("first", [0, 1])
def test_the_response_of_a_gbm_detector_comes_back(write: Write, first: int) -> None:
    """GBM counts F_CHAN from 1, and the channels of EBOUNDS from 0."""
    channels = replace(RESPONSE.channels, number=RESPONSE.channels.number - 1 + first)
    of_gbm: dict[str, Any] = {"instrument": Instrument.GBM, "detector": "na", "channels": channels}
    response = replace(RESPONSE, **of_gbm)
    spectrum = replace(SPECTRUM, **of_gbm, response=response)
    keywords = replace(PROVENANCE, instrument="GBM", telescope="GLAST")
    write("s.rsp", response_to_fits([response], keywords))
    write("s.bak", background_to_fits(spectrum, keywords))
    files = {"background_file": "s.bak", "response_file": "s.rsp"}
    path = write("s.pha", spectrum_to_fits(spectrum, keywords, **files))
    (back,) = read(path, path.with_suffix(".bak"), path.with_suffix(".rsp")).spectra
    same(spectrum, back)


def test_responses_come_back_with_their_time_ranges(write: Write) -> None:
    two = (
        replace(RESPONSE, stop_s=20.0),
        replace(RESPONSE, start_s=20.0, matrix_cm2=RESPONSE.matrix_cm2 * 2.0),
    )
    path = write("r.rsp2", response_to_fits(two, PROVENANCE))
    events = write("e.fits", events_to_fits(EVENTS, PROVENANCE))
    for before, after in zip(two, read(path, events).responses, strict=True):
        same(before, after)
    assert inspect_file(path).channels == len(CHANNELS.number)


def test_a_spectrum_without_background_has_none_to_write() -> None:
    with pytest.raises(PermanentError, match="has no background"):
        background_to_fits(replace(SPECTRUM, background=None), PROVENANCE)


def test_primary_keywords_are_those_of_the_mission(write: Write) -> None:
    with fits.open(write("e.fits", events_to_fits(EVENTS, PROVENANCE))) as hdus:
        header = hdus[0].header
        wanted = {
            "TELESCOP": "SVOM", "INSTRUME": "GRM", "CREATOR": "ECLGRM-VHF", "CARD": "QLC_GRM",
            "PROGRAM": "CoreProgram", "PROC_VER": 3, "PIP_VER": "0.1.0", "DSTREAM": "VHF",
            "DATE": "2026-07-05T06:00:00Z", "OBS_ID": "12345", "BURST_ID": "sb26070501",
            "TIMEREF": "LOCAL", "TIMESYS": "TT", "TIMEUNIT": "s",
            "MJDREFI": 57754, "MJDREFF": 0.000800740741,
        }  # fmt: skip
        assert {key: header[key] for key in wanted} == wanted
        assert {"ORIGIN", "PRDM_VER", "GLDM_VER"} <= set(header)


@pytest.mark.parametrize(
    ("t0_utc", "t0_met_s", "epoch"),
    [
        # Fermi trigger bn080916009: 00:12:45.613542 UTC (GCN 8245)
        ("2008-09-16T00:12:45.613542Z", 243216766.613542, (51910, 0.00074287037037037)),
        ("2017-01-01T00:00:00Z", 0.0, (57754, 0.000800740741)),
        ("2026-07-05T05:20:00.25Z", 300_000_000.25, (57754, 0.000800740741)),
        # a system of its own: MET 0 at noon of 2020-01-01 UTC, 69.184 s later in TT
        ("2020-01-01T12:00:10Z", 10.0, (58849, pytest.approx(0.5 + 69.184 / 86400.0))),
    ],
)
def test_the_reference_epoch_follows_from_one_moment(
    t0_utc: str, t0_met_s: float, epoch: tuple[int, float]
) -> None:
    assert reference_epoch(t0_utc, t0_met_s) == epoch


def test_without_an_absolute_time_none_is_written(write: Write) -> None:
    relative = replace(PROVENANCE, t0_utc="", t0_met_s=0.0)
    path = write("e.fits", events_to_fits(EVENTS, relative))
    assert "MJDREFI" not in fits.getheader(path)
    observation = read(path)
    assert (observation.t0_utc, observation.t0_met_s) == ("", 0.0)
    same(EVENTS, observation.events[0])


def test_the_same_value_gives_the_same_bytes() -> None:
    assert spectrum_to_fits(SPECTRUM, PROVENANCE) == spectrum_to_fits(SPECTRUM, PROVENANCE)


@pytest.mark.parametrize(
    "content",
    [
        events_to_fits(EVENTS, PROVENANCE),
        light_curve_to_fits(LIGHT_CURVE, PROVENANCE),
        spectrum_to_fits(SPECTRUM, PROVENANCE),
        background_to_fits(SPECTRUM, PROVENANCE),
        response_to_fits([RESPONSE], PROVENANCE),
    ],
    ids=["events", "light curve", "spectrum", "background", "response"],
)
def test_astropy_finds_nothing_to_complain_of(write: Write, content: bytes) -> None:
    with fits.open(write("written.fits", content)) as hdus:
        hdus.verify("exception")


def test_a_matrix_is_stored_in_groups_of_channels(write: Write) -> None:
    path = write("r.rsp", response_to_fits([RESPONSE], PROVENANCE))
    with fits.open(path) as hdus:
        matrix = hdus["SPECRESP MATRIX"]
        assert matrix.data["N_GRP"].tolist() == [0, 1, 1, 1]
        assert matrix.data["F_CHAN"].tolist()[1:] == [1, 2, 1]
        assert matrix.data["N_CHAN"].tolist()[1:] == [2, 3, 5]
        assert matrix.data["MATRIX"][2].tolist() == [4.0, 0.0, 5.0]
        assert (matrix.header["TLMIN4"], matrix.header["DETCHANS"]) == (1, 5)
