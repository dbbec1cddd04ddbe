"""Files of two bursts are refused, and detectors with the same name get different names."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation
from tests.support.present import present

DAY_S = 86_400.0
T0_S = 6.0e8


def light_curve(folder: Path, name: str, start_s: float, seed: int = 0, **cards: object) -> Path:
    """Noise in 100 bins of 1 s."""
    counts = np.random.default_rng(seed).poisson(300.0, 100)
    columns = [
        fits.Column("TIME", "D", "s", array=start_s + np.arange(100.0)),
        fits.Column("COUNTS", "J", "count", array=counts),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="RATE")
    table.header.update(HDUCLASS="OGIP", HDUCLAS1="LIGHTCURVE", TIMEDEL=1.0, TIMEPIXR=0.0)
    table.header.update(
        {"TELESCOP": "ONE", "INSTRUME": "X", "DETNAM": "n0", "MJDREFI": 51910, "MJDREFF": 0.0}
    )
    table.header.update({key: card for key, card in cards.items() if card is not None})
    for key in (key for key, card in cards.items() if card is None):
        del table.header[key]
    path = folder / name
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ({"TRIGTIME": T0_S}, {"TRIGTIME": T0_S + 10.0}, ""),
        ({"TRIGTIME": T0_S}, {"TRIGTIME": T0_S + 7200.0}, "2.0 hours"),
        ({"TRIGTIME": T0_S}, {"TRIGTIME": T0_S + 400 * DAY_S}, "400 days"),
        # the same time, with another MJDREF
        ({"TRIGTIME": T0_S}, {"TRIGTIME": T0_S - 100 * DAY_S, "MJDREFI": 52010}, ""),
        ({"TRIGTIME": T0_S}, {"TRIGTIME": T0_S, "MJDREFI": 52010}, "100 days"),
        # continuous data may start a day before the trigger, but not days after it
        ({"TRIGTIME": T0_S}, {}, ""),
        # relative times do not show that they belong to another burst
        ({"TRIGTIME": T0_S}, {"MJDREFI": None, "MJDREFF": None, "TRIGTIME": 0.0}, ""),
        ({"TRIGTIME": T0_S}, {"TRIGTIME": 0.0}, ""),
    ],
)
def test_files_of_two_bursts_are_refused_with_both_times(
    tmp_path: Path, first: dict[str, float | None], second: dict[str, float | None], apart: str
) -> None:
    paths = [
        light_curve(tmp_path, "a.lc", T0_S - 20.0, 1, **first),
        light_curve(
            tmp_path,
            "b.lc",
            present(second.get("TRIGTIME", T0_S)) - 20.0,
            2,
            **second,
        ),
    ]
    for order in (paths, paths[::-1]):
        if not apart:
            read(*order)
            continue
        with pytest.raises(InputError, match="of different bursts") as refused:
            read(*order)
        for text in ("a.lc (trigger 20", "b.lc (trigger 20", f"lie {apart} apart"):
            assert text in str(refused.value)


def test_data_of_days_later_are_of_another_burst(tmp_path: Path) -> None:
    paths = (
        light_curve(tmp_path, "a.lc", T0_S - 20.0, 1, TRIGTIME=T0_S),
        light_curve(tmp_path, "b.lc", T0_S + 3 * DAY_S, 2),
    )
    with pytest.raises(InputError, match=r"b.lc \(start of data 20.*\) lie 3 days apart"):
        read(*paths)


def test_detectors_of_one_name_on_two_satellites_are_with_unique_detectors(tmp_path: Path) -> None:
    paths = (
        light_curve(tmp_path, "a.lc", T0_S - 20.0, 1, TRIGTIME=T0_S),
        light_curve(tmp_path, "b.lc", T0_S - 20.0, 2, TRIGTIME=T0_S, TELESCOP="TWO"),
        light_curve(
            tmp_path, "c.lc", T0_S - 20.0, 3, TRIGTIME=T0_S, TELESCOP="FERMI", INSTRUME="GBM"
        ),
        light_curve(tmp_path, "d.lc", T0_S - 20.0, 4, TRIGTIME=T0_S, DETNAM="n1"),
    )
    for order in (paths, paths[::-1]):
        found = read(*order)
        names = {curve.files[0]: curve.detectors for curve in found.light_curves}
        assert names == {
            "a.lc": ("ONE-n0",),
            "b.lc": ("TWO-n0",),
            "c.lc": ("n0",),
            "d.lc": ("n1",),
        }
        assert "TWO-n0: detector n0 of TWO, told apart from its namesake" in texts(found.flags)


def test_detectors_of_one_name_on_two_instruments_of_a_mission_are_with_unique_detectors(
    tmp_path: Path,
) -> None:
    paths = [
        light_curve(
            tmp_path, f"{k}.lc", T0_S - 20.0, k, TRIGTIME=T0_S, TELESCOP="AGILE", INSTRUME=name
        )
        for k, name in enumerate(("MCAL", "SA"))
    ]
    found = read(*paths)
    assert [c.detectors for c in found.light_curves] == [("AGILE-MCAL-n0",), ("AGILE-SA-n0",)]
    assert [c.maker for c in found.light_curves] == ["AGILE/MCAL", "AGILE/SA"]


def test_one_mission_under_two_names_is_one(tmp_path: Path) -> None:
    """Files of Fermi call it GLAST or FERMI."""
    paths = [
        light_curve(
            tmp_path, f"{name}.lc", T0_S - 20.0, k, TRIGTIME=T0_S, TELESCOP=name, INSTRUME="GBM"
        )
        for k, name in enumerate(("GLAST", "FERMI"))
    ]
    assert {c.detectors for c in read(*paths).light_curves} == {("n0",)}
