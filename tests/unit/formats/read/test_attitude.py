"""Attitude: SVOM's and Swift's quaternion column, Fermi's four columns."""

from pathlib import Path

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.names import BurstId, FileKind, Instrument
from tests.unit.formats.tables import GBM, SVOM, Make, gti, table
from tests.unit.formats.values import T0_MET_S

TIME_S = np.array([0.0, 1.0, 2.0])
HALF = np.radians([0.0, 1.0, 2.0])
QUATERNION = 2.0 * np.column_stack([np.sin(HALF), 0 * HALF, 0 * HALF, np.cos(HALF)])


def test_quaternions_are_read_at_unit_length_and_in_the_order_of_time(
    make_file: Make, make_eclairs: Make
) -> None:
    late_first = table(
        "ATTITUDE",
        [("TIME", "D", (TIME_S + T0_MET_S)[::-1]), ("QPARAM", "4D", QUATERNION[::-1])],
    )
    path = make_file("att.fits", late_first, **SVOM, INSTRUME="ECLAIRS")
    assert inspect_file(path).kind is FileKind.ATTITUDE
    data = make_eclairs("evt.fits", np.linspace(0.0, 2.0, 50), None, gti([(0.0, 2.0)]))
    found = read_observation([data, path], burst_id=BurstId("b")).attitude
    assert found is not None
    assert found.time_s.tolist() == TIME_S.tolist()
    assert found.quaternion == pytest.approx(0.5 * QUATERNION)


def test_the_four_columns_of_fermi_are_one_quaternion(make_file: Make) -> None:
    columns = [(f"QSJ_{i + 1}", "D", QUATERNION[:, i]) for i in range(4)]
    made = table("GLAST POS HIST", [("SCLK_UTC", "D", TIME_S), *columns])
    description = inspect_file(make_file("poshist.fit", made, **GBM))
    assert description.kind is FileKind.ATTITUDE
    assert description.instrument is Instrument.GBM
    assert description.rows == 3


def test_a_scalar_part_that_comes_first_is_put_last(make_file: Make, make_eclairs: Make) -> None:
    columns = [(f"Q{i}", "D", QUATERNION[:, (i - 1) % 4]) for i in range(4)]
    made = table("ATTITUDE", [("TIME", "D", TIME_S + T0_MET_S), *columns])
    data = make_eclairs("evt.fits", np.linspace(0.0, 2.0, 50), None, gti([(0.0, 2.0)]))
    found = read_observation(
        [data, make_file("att.fits", made, **SVOM)], burst_id=BurstId("b")
    ).attitude
    assert found is not None
    assert found.quaternion == pytest.approx(0.5 * QUATERNION)


def test_a_pointing_is_a_unit_vector_and_files_are_joined(
    make_file: Make, make_eclairs: Make
) -> None:
    pointing = np.array([[90.0, 0.0, 7.0], [0.0, 90.0, 7.0], [180.0, 0.0, 7.0]])

    def attitude(name: str, rows: slice) -> Path:
        columns = [
            ("TIME", "D", (TIME_S + T0_MET_S)[rows]),
            ("QPARAM", "4D", QUATERNION[rows]),
            ("POINTING", "3D", pointing[rows]),
        ]
        return make_file(name, table("ATTITUDE", columns), **SVOM)

    data = make_eclairs("evt.fits", np.linspace(0.0, 2.0, 50), None, gti([(0.0, 2.0)]))
    files = [data, attitude("late.fits", slice(1, 3)), attitude("early.fits", slice(0, 2))]
    found = read_observation(files, burst_id=BurstId("b")).attitude
    assert found is not None
    assert found.time_s.tolist() == TIME_S.tolist()
    assert found.pointing == pytest.approx(
        np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]]), abs=1e-9
    )


def test_a_quaternion_of_three_numbers_is_refused(make_file: Make) -> None:
    made = table("ATTITUDE", [("TIME", "D", TIME_S), ("QPARAM", "3D", QUATERNION[:, :3])])
    with pytest.raises(InputError, match="QPARAM has 3 numbers a row: a quaternion has 4"):
        inspect_file(make_file("att.fits", made, **SVOM))


def test_good_times_keep_their_reasons(make_file: Make, make_eclairs: Make) -> None:
    data = make_eclairs("evt.fits", np.linspace(0.0, 2.0, 50), None, gti([(0.0, 2.0)]))
    criteria = make_file(
        "gti.fits", gti([(0.0, 1.0)], "GTICAL-NSA"), gti([(0.0, 2.0)], "GTICAL-TLM"),
        **SVOM, INSTRUME="ECLAIRS",
    )  # fmt: skip
    found = read_observation([data, criteria], burst_id=BurstId("b")).criteria
    assert {c.name: c.gti_s.tolist() for c in found} == {"NSA": [[0.0, 1.0]], "TLM": [[0.0, 2.0]]}
