"""OGIP responses and effective areas with every peculiarity that real ones have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from tests.unit.formats.tables import GBM, Make, bounds, matrix, table, three_matrices

COUNTS = np.array([4.0, 9.0, 16.0, 1.0])


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


def variable(rows: Sequence[Sequence[float]], kind: type = float) -> NDArray[np.object_]:
    column = np.empty(len(rows), dtype=object)
    column[:] = [np.array(row, dtype=kind) for row in rows]
    return column


@pytest.mark.parametrize(
    ("first_channel", "header"), [(0, {"TLMIN4": 0}), (1, {"TLMIN4": 1}), (1, {}), (0, {})]
)
def test_rows_of_varying_length_are_laid_out_by_their_groups(
    make_rsp: Make, first_channel: int, header: dict[str, int]
) -> None:
    groups = [[], [first_channel], [first_channel, first_channel + 3]]
    made = table(
        "SPECRESP MATRIX",
        [
            ("ENERG_LO", "E", [10.0, 20.0, 30.0]),
            ("ENERG_HI", "E", [20.0, 30.0, 40.0]),
            ("N_GRP", "I", [0, 1, 2]),
            ("F_CHAN", "PI(2)", variable(groups, np.int16)),
            ("N_CHAN", "PI(2)", variable([[], [2], [2, 1]], np.int16)),
            ("MATRIX", "PE(3)", variable([[], [1, 2], [3, 4, 5]], np.float32)),
        ],
        **header,
    )
    (response,) = read(make_rsp("a.rsp", made)).responses
    expected = [[0, 0, 0, 0], [1, 2, 0, 0], [3, 4, 0, 5]]
    assert response.matrix_cm2.tolist() == expected


def test_an_empty_row_may_say_channel_zero(make_rsp: Make) -> None:
    made = table(
        "MATRIX",
        [
            ("ENERG_LO", "E", [10.0, 20.0]),
            ("ENERG_HI", "E", [20.0, 30.0]),
            ("N_GRP", "I", [0, 1]),
            ("F_CHAN", "I", [0, 1]),
            ("N_CHAN", "I", [0, 4]),
            ("MATRIX", "PE(4)", variable([[], [1, 2, 3, 4]], np.float32)),
        ],
        TLMIN4=1,
    )
    (response,) = read(make_rsp("a.rmf", made)).responses
    assert response.matrix_cm2.tolist() == [[0, 0, 0, 0], [1, 2, 3, 4]]


def test_a_group_outside_the_channels_is_refused(make_rsp: Make) -> None:
    path = make_rsp("a.rsp", matrix(first=[0, 1, 0], TLMIN4=0))
    with pytest.raises(InputError, match="row 2: a group lies outside the 4 channels"):
        inspect_file(path)


@pytest.fixture
def make_arf(make_file: Make) -> Make:
    def write(name: str, low: Any = (10.0, 20.0, 30.0)) -> Path:
        low = np.array(low)
        columns = [("ENERG_LO", "E", low), ("ENERG_HI", "E", low + 10.0)]
        area = ("SPECRESP", "E", np.full(len(low), 2.0))
        return make_file(name, table("SPECRESP", [*columns, area]), **GBM)

    return write


@pytest.mark.parametrize("named", [True, False])
def test_an_effective_area_is_applied_to_a_bare_redistribution(
    make_pha: Make, make_rsp: Make, make_arf: Make, named: bool
) -> None:
    keywords = {"RESPFILE": "a.rmf", "ANCRFILE": "a.arf"} if named else {}
    pha = make_pha("a.pha", "COUNTS", COUNTS, **keywords)
    rmf = make_rsp("a.rmf", matrix(TLMIN4=0, HDUCLAS3="REDIST"))
    arf = make_arf("a.arf")
    (spectrum,) = (read(pha) if named else read(pha, rmf, arf)).spectra
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2.tolist() == (2 * np.arange(12.0).reshape(3, 4)).tolist()
    assert inspect_file(arf).kind is FileKind.ANCILLARY


def test_an_effective_area_on_other_energies_is_refused(
    make_pha: Make, make_rsp: Make, make_arf: Make
) -> None:
    pha = make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="a.rmf", ANCRFILE="a.arf")
    make_rsp("a.rmf")
    make_arf("a.arf", low=(10.0, 20.0))
    with pytest.raises(InputError, match="different photon energies"):
        read(pha)


def test_of_two_response_files_the_one_with_more_matrices_serves_the_events(
    make_file: Make, make_rsp: Make
) -> None:
    made = table("EVENTS", [("TIME", "D", [0.0, 1.0]), ("PHA", "I", [0, 3])])
    events = make_file("tte.fit", made, bounds(), **GBM)
    one, several = make_rsp("a.rsp"), make_rsp("a.rsp2", *three_matrices())
    responses = read(events, one, several).responses
    assert [(r.start_s, r.stop_s) for r in responses] == [(-np.inf, 1.0), (1.0, 2.0), (2.0, np.inf)]
