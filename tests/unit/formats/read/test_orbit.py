"""Orbits: positions of the satellite in files of SVOM and Swift, Fermi and the LAT."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.names import BurstId, FileKind
from tests.unit.formats.tables import GBM, SVOM, Make, gti, table
from tests.unit.formats.values import T0_MET_S

TIME_S = np.array([0.0, 1.0, 2.0])
POSITION_KM = np.array([[7000.0, 0.0, 0.0], [6999.0, 7.0, 1.0], [6998.0, 14.0, 2.0]])


def orbit_of(make_file: Make, make_eclairs: Make, hdu: fits.BinTableHDU) -> np.ndarray | None:
    data = make_eclairs("evt.fits", np.linspace(0.0, 2.0, 50), None, gti([(0.0, 2.0)]))
    path = make_file("orb.fits", hdu, **SVOM)
    found = read_observation([data, path], burst_id=BurstId("b")).orbit
    if found is None:
        return None
    assert found.time_s.tolist() == TIME_S.tolist()
    return found.position_km


@pytest.mark.parametrize(("unit", "factor"), [("km", 1.0), ("m", 1000.0), ("", 1.0)])
def test_positions_are_read_in_km_and_in_the_order_of_time(
    make_file: Make, make_eclairs: Make, unit: str, factor: float
) -> None:
    made = table(
        "ORBIT",
        [
            ("TIME", "D", (TIME_S + T0_MET_S)[::-1]),
            ("POSITION", "3D", factor * POSITION_KM[::-1]),
        ],
        **({"TUNIT2": unit} if unit else {}),
    )
    assert inspect_file(make_file("o.fits", made, **SVOM)).kind is FileKind.ORBIT
    assert orbit_of(make_file, make_eclairs, made) == pytest.approx(POSITION_KM)


def test_the_position_history_of_fermi_has_attitude_and_orbit(
    make_file: Make, make_eclairs: Make
) -> None:
    columns = [(f"QSJ_{i}", "D", np.full(3, 0.5)) for i in range(1, 5)]
    columns += [(f"POS_{axis}", "E", 1000.0 * POSITION_KM[:, i]) for i, axis in enumerate("XYZ")]
    units = {f"TUNIT{i}": "m" for i in (6, 7, 8)}
    made = table("GLAST POS HIST", [("SCLK_UTC", "D", TIME_S + T0_MET_S), *columns], **units)
    assert inspect_file(make_file("poshist.fit", made, **GBM)).kind is FileKind.ATTITUDE
    assert orbit_of(make_file, make_eclairs, made) == pytest.approx(POSITION_KM, rel=1e-6)


@pytest.mark.parametrize(
    ("form", "position", "message"),
    [
        ("2D", POSITION_KM[:, :2], "POSITION has 2 numbers a row: a position has 3"),
        ("3D", 1000.0 * POSITION_KM, "is 7e.06 km from the centre of the Earth"),
        ("3D", 0.5 * POSITION_KM, "is 3500 km from the centre of the Earth"),
    ],
)
def test_impossible_positions_are_refused(
    make_file: Make, form: str, position: np.ndarray, message: str
) -> None:
    made = table("ORBIT", [("TIME", "D", TIME_S), ("POSITION", form, position)])
    with pytest.raises(InputError, match=message):
        inspect_file(make_file("orb.fits", made, **SVOM))


def test_the_spacecraft_file_of_the_lat_is_read(shared_data: Path) -> None:
    folder = shared_data / "fermi-gbm" / "bn080916009"
    paths = [
        folder / "lat" / "gll_pt_bn080916009_v10.fit.gz",
        folder / "glg_cspec_n3_bn080916009_v01.pha.gz",
    ]
    found = read_observation(paths, burst_id=BurstId("b"))
    assert found.orbit is not None
    assert found.attitude is not None
    with fits.open(paths[0]) as hdus:
        rows = hdus["SC_DATA"].data
        radius_km = np.asarray(rows["RAD_GEO"]) / 1000.0 if "RAD_GEO" in rows.names else None
        assert len(found.orbit.time_s) == len(rows)
    assert radius_km is not None
    assert found.orbit.time_s[0] == pytest.approx(-4600.0, abs=1.0)
