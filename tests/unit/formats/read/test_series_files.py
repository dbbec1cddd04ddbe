"""Light curves and histories: OGIP, BAT, GBM CSPEC, BATSE and text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, FileKind, Instrument
from eclgrmd.model.observation import LightCurve, Observation
from tests.unit.formats.tables import Make, bounds, table

BAT = {"TELESCOP": "SWIFT", "INSTRUME": "BAT"}


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"), **options)


def only(observation: Observation) -> LightCurve:
    (curve,) = observation.light_curves
    return curve


def rate(*columns: Any, **header: Any) -> Any:
    return table("RATE", columns, HDUCLAS1="LIGHTCURVE", **header)


@pytest.mark.parametrize(
    ("header", "start_s"),
    [({"TIMEPIXR": 0.0}, 10.0), ({"TIMEPIXR": 0.5}, 9.5), ({}, 9.5), ({"TIMEPIXR": 1.0}, 9.0)],
)
def test_timepixr_tells_where_in_its_bin_a_time_lies(
    make_file: Make, header: dict[str, float], start_s: float
) -> None:
    made = rate(("TIME", "D", [10.0, 11.0]), ("COUNTS", "J", [5, 6]), TIMEDEL=1.0, **header)
    curve = only(read(make_file("a.lc", made)))
    assert curve.start_s.tolist() == [start_s, start_s + 1]
    assert curve.stop_s.tolist() == [start_s + 1, start_s + 2]
    assert curve.counts.tolist() == [5.0, 6.0]
    assert curve.error is None


def test_timezero_is_added_and_bins_may_differ_in_width(make_file: Make) -> None:
    made = rate(
        ("TIME", "D", [0.0, 1.0]), ("TIMEDEL", "D", [1.0, 4.0]), ("COUNTS", "J", [5, 6]),
        TIMEZERO=100.0, TIMEPIXR=0.0,
    )  # fmt: skip
    curve = only(read(make_file("a.lc", made)))
    assert curve.start_s.tolist() == [100.0, 101.0]
    assert curve.stop_s.tolist() == [101.0, 105.0]


def test_rates_become_counts_of_the_live_time(make_file: Make) -> None:
    made = rate(
        ("TIME", "D", [0.0, 2.0]), ("RATE", "D", [0.5, -0.25]), ("ERROR", "D", [0.1, 0.2]),
        ("FRACEXP", "D", [1.0, 0.5]), TIMEDEL=2.0, TIMEPIXR=0.0, HDUCLAS2="NET",
    )  # fmt: skip
    curve = only(read(make_file("a.lc", made, bounds(1), **BAT)))
    assert curve.instrument is Instrument.BAT
    assert curve.exposure_s.tolist() == [2.0, 1.0]
    assert curve.counts.tolist() == [1.0, -0.25]
    assert curve.error == pytest.approx([0.2, 0.2])
    assert curve.background_subtracted
    assert curve.band_kev == (10.0, 1000.0)


def test_of_several_bands_the_sum_comes_first(make_file: Make) -> None:
    made = rate(
        ("TIME", "D", [0.0, 1.0]), ("RATE", "2D", [[1.0, 2.0], [3.0, 4.0]]),
        ("ERROR", "2D", [[3.0, 4.0], [0.6, 0.8]]), TIMEDEL=1.0, TIMEPIXR=0.0, HDUCLAS2="NET",
    )  # fmt: skip
    whole, low, high = read(make_file("a.lc", made, bounds(2), **BAT)).light_curves
    assert [c.band_kev for c in (whole, low, high)] == [(10, 1000), (10, 100), (100, 1000)]
    assert whole.counts.tolist() == [3.0, 7.0]
    assert whole.error == pytest.approx([5.0, 1.0])
    assert (low.counts.tolist(), high.counts.tolist()) == ([1.0, 3.0], [2.0, 4.0])


def test_bins_without_exposure_or_value_are_left_out(make_file: Make) -> None:
    made = rate(
        ("TIME", "D", [0.0, 1.0, 2.0, 3.0]), ("COUNTS", "D", [1.0, np.nan, 3.0, 4.0]),
        ("FRACEXP", "D", [1.0, 1.0, 0.0, 1.0]), TIMEDEL=1.0, TIMEPIXR=0.0,
    )  # fmt: skip
    curve = only(read(make_file("a.lc", made)))
    assert curve.counts.tolist() == [1.0, 4.0]
    assert texts(curve.flags) == ("bad bins dropped: 2",)


@pytest.mark.parametrize(
    ("column", "values"),
    [("COUNTS", [1.0, 1e308, 3.0]), ("ERROR", [1.0, 1e300, 1.0]), ("TIMEDEL", [1.0, 1e-300, 1.0])],
)
def test_bins_that_no_detector_can_measure_are_left_out(
    make_file: Make, column: str, values: list[float]
) -> None:
    columns = {"TIME": [0.0, 1.0, 2.0], "COUNTS": [1.0, 2.0, 3.0], "ERROR": [1.0, 1.4, 1.7]}
    columns |= {"TIMEDEL": [1.0, 1.0, 1.0], column: values}
    made = rate(*((name, "D", each) for name, each in columns.items()), TIMEPIXR=0.0)
    curve = only(read(make_file("a.lc", made)))
    assert curve.counts.tolist() == [1.0, 3.0]
    assert texts(curve.flags)[-1] == "bad bins dropped: 1"


def test_unsorted_bins_are_sorted(make_file: Make) -> None:
    made = rate(("TIME", "D", [2.0, 0.0, 1.0]), ("COUNTS", "J", [3, 1, 2]), TIMEDEL=1.0)
    assert only(read(make_file("a.lc", made))).counts.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("columns", "header", "sentence"),
    [
        ([("TIME", "D", [1.0]), ("COUNTS", "J", [1])], {}, "has no TIMEDEL"),
        ([("TIME", "D", [1.0]), ("COUNTS", "J", [1])], {"TIMEDEL": -1.0}, "greater than zero"),
        ([("TIME", "D", [np.nan]), ("COUNTS", "J", [1])], {"TIMEDEL": 1.0}, "has no bin"),
        ([("TIME", "D", [np.inf]), ("COUNTS", "J", [1])], {"TIMEDEL": 1.0}, "TIME holds infinity"),
        ([("TIME", "D", [1.0]), ("X", "J", [1])], {"TIMEDEL": 1.0}, "no light curve"),
    ],
)
def test_impossible_light_curves_are_refused(
    make_file: Make, columns: Any, header: dict[str, float], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        inspect_file(make_file("a.lc", rate(*columns, **header)))


@pytest.fixture
def cspec(make_file: Make) -> Path:
    t0 = 600_000_000.5
    made = table(
        "SPECTRUM",
        [
            ("COUNTS", "4I", np.arange(16).reshape(4, 4)),
            ("EXPOSURE", "E", [0.9, 0.8, 0.0, 0.7]),
            ("QUALITY", "I", [0, 1, 0, 0]),
            ("TIME", "D", t0 + np.array([-2.0, -1.0, 0.0, 1.0])),
            ("ENDTIME", "D", t0 + np.array([-1.0, 0.0, 1.0, 2.0])),
        ],
        HDUCLAS1="SPECTRUM", HDUCLAS4="TYPEII",
    )  # fmt: skip
    return make_file(
        "glg_cspec_b1_x.pha", made, bounds(4), TELESCOP="GLAST", INSTRUME="GBM",
        DETNAM="BGO_01", TRIGTIME=t0, MJDREFI=51910, MJDREFF="7.428703703703703e-4",
    )  # fmt: skip


def test_a_series_of_spectra_is_a_history_without_its_bad_bins(cspec: Path) -> None:
    observation = read(cspec)
    (history,) = observation.histories
    assert history.detector == "b1"
    assert history.start_s.tolist() == [-2.0, 1.0]
    assert history.stop_s.tolist() == [-1.0, 2.0]
    assert history.counts.tolist() == [[0, 1, 2, 3], [12, 13, 14, 15]]
    assert history.exposure_s == pytest.approx([0.9, 0.7])
    assert texts(history.flags) == ("bad bins dropped: 2",)
    # 2001-01-01 + 600,000,000.5 s, less the 5 leap seconds since
    assert observation.t0_utc == "2020-01-06T10:39:55.500000Z"


def test_a_window_keeps_the_bins_inside(cspec: Path) -> None:
    (history,) = read(cspec, window_s=(-2.5, 0.5)).histories
    assert history.start_s.tolist() == [-2.0]


def test_a_series_without_energies_is_refused(make_file: Make) -> None:
    columns = [("TIME", "D", [0.0]), ("ENDTIME", "D", [1.0]), ("COUNTS", "2I", [[1, 2]])]
    with pytest.raises(InputError, match="without EBOUNDS"):
        inspect_file(make_file("a.pha", table("SPECTRUM", columns)))


def test_batse_rates_are_counts_in_four_channels(make_file: Make) -> None:
    made = table(
        "BATSE BURST SPECTRA",
        [
            ("TIMES", "2E", [[-1.024, 0.0], [0.0, 0.064], [0.064, 0.128]]),
            ("RATES", "4E", np.outer(1 / np.array([1.024, 0.064, 0.064]), [100, 200, 300, 400])),
            ("ERRORS", "4E", [[1.0] * 4, [1.0] * 4, [np.nan] * 4]),
        ],
        DSELECT="YNNNNNNY", BASETIME=8437.25,
    )  # fmt: skip
    path = make_file("a.fits.gz", made, TELESCOP="COMPTON GRO", INSTRUME="BATSE")
    observation = read(path)
    (history,) = observation.histories
    assert history.detector == "LAD07"
    assert history.counts.tolist() == [[100, 200, 300, 400]] * 2
    assert texts(history.flags) == ("bad bins dropped: 1",)
    # TJD 8437 is MJD 48437: 1991-06-30
    assert observation.t0_utc == "1991-06-30T06:00:00.000000Z"
    assert inspect_file(path).kind is FileKind.HISTORY


def test_two_lines_of_numbers_are_a_light_curve(tmp_path: Path) -> None:
    path = tmp_path / "lc_080723557_n5_2.4_58.4_5.1.txt"
    path.write_text("-1.024 1.024 3.072\n10 20 30\n")
    curve = only(read(path))
    assert (curve.instrument, curve.detectors) == (Instrument.GBM, ("n5",))
    assert curve.start_s == pytest.approx([-2.048, 0.0, 2.048])
    assert curve.counts.tolist() == [10.0, 20.0, 30.0]
    assert curve.exposure_s == pytest.approx([2.048] * 3)


@pytest.mark.parametrize(
    "content",
    [
        "1 2 3\n1 2\n", "1 2 3\n", "1 2 x\n1 2 3\n", "1 2 9\n1 2 3\n", "1 2 3\n1 1e308 3\n",
        "0 1e-320 2e-320\n1 1 1\n",
    ],
)  # fmt: skip
def test_other_texts_are_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    with pytest.raises(InputError):
        inspect_file(path)


def test_an_unknown_instrument_keeps_its_own_name(make_file: Make) -> None:
    made = rate(("TIME", "D", [2.0]), ("COUNTS", "J", [3]), TIMEDEL=1.0)
    path = make_file("a.lc", made, INSTRUME="MXGS: HED", OBJECT="GRB 1")
    description = inspect_file(path)
    assert (description.instrument, description.detectors) == (Instrument.OTHER, ("MXGS-HED",))
    assert description.object_name == "GRB 1"


def test_attitude_is_left_out_with_its_reason(make_file: Make) -> None:
    attitude = make_file(
        "att.fits", table("SC_DATA", [("START", "D", [0.0]), ("STOP", "D", [1.0])])
    )
    curve = make_file("a.lc", rate(("TIME", "D", [0.0]), ("COUNTS", "J", [3]), TIMEDEL=1.0))
    reason = "is spacecraft position and attitude: not used"
    assert inspect_file(attitude).reason == reason
    assert texts(read(curve, attitude).flags) == (f"left out: att.fits {reason}",)


@pytest.mark.parametrize(
    "header",
    [{"MJDREFI": 10**15}, {"MJDREFI": -(10**9)}, {"MJDREFF": 1e300, "MJDREFI": 5}, {"JDREF": 9e9}],
)
def test_a_reference_date_that_no_mission_has_is_refused(
    make_file: Make, header: dict[str, float]
) -> None:
    made = rate(("TIME", "D", [0.0, 1.0]), ("COUNTS", "J", [5, 6]), TIMEDEL=1.0, **header)
    with pytest.raises(InputError, match="must be a date of 1900 to 2200"):
        read(make_file("a.lc", made))


def test_a_trigger_time_beyond_the_calendar_is_refused(make_file: Make) -> None:
    far = {"MJDREFI": 51910, "TRIGTIME": 1e15}
    times = [1e15, 1e15 + 8.0]
    made = rate(("TIME", "D", times), ("COUNTS", "J", [5, 6]), TIMEDEL=1.0, **far)
    with pytest.raises(InputError, match="is no date"):
        read(make_file("a.lc", made))
