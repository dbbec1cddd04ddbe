"""Columns whose rows vary in length."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats.fits import fits_table
from eclgrmd.formats.fits.fits_file import open_fits
from tests.unit.formats.tables import Make


def lists_of(path: Path, unit: str = "") -> list[list[float]]:
    with open_fits(path) as file:
        table = file.find("VALUES")
        assert table is not None
        return [row.tolist() for row in table.lists("VALUES", unit)]


def varying(rows: Sequence[Sequence[float]], form: str = "PJ()", **options: Any) -> Any:
    """Return a table with one column of these rows."""
    values = np.empty(len(rows), dtype=object)
    values[:] = [np.array(row) for row in rows]
    column = fits.Column(name="VALUES", format=form, array=values, **options)
    return fits.BinTableHDU.from_columns([column], name="LISTS")


def point_rows(path: Path, rows: Sequence[tuple[int, int]]) -> None:
    """Overwrite length and place in the heap of each row."""
    with fits.open(path) as hdus:
        begin = hdus[1].fileinfo()["datLoc"]
    content = bytearray(path.read_bytes())
    told = np.array(rows, dtype=">i4").tobytes()
    content[begin : begin + len(told)] = told
    path.write_bytes(content)


@pytest.mark.parametrize("form", ["PB()", "PI()", "PJ()", "PE()", "PD()", "QK()"])
def test_rows_have_their_own_lengths_and_may_be_empty(make_file: Make, form: str) -> None:
    rows = [[], [1.0, 2.0, 3.0], [], [4.0], []]
    assert lists_of(make_file("a.fits", varying(rows, form))) == rows


def test_all_rows_may_be_empty(make_file: Make) -> None:
    assert lists_of(make_file("a.fits", varying([[], []]))) == [[], []]


@pytest.mark.parametrize("form", ["PJ()", "3J", "J"])
def test_a_column_without_rows_has_no_lists(make_file: Make, form: str) -> None:
    made = fits.BinTableHDU.from_columns([fits.Column("VALUES", form)], nrows=0, name="LISTS")
    assert lists_of(make_file("a.fits", made)) == []


def test_values_are_scaled_and_converted(make_file: Make) -> None:
    made = varying([[1.0, 2.0], [3.0]], unit="ms")
    made.header["TSCAL1"], made.header["TZERO1"] = 10.0, 5.0
    assert lists_of(make_file("a.fits", made), "s") == [[0.015, 0.025], [0.035]]


def test_rows_may_share_a_part_of_the_heap(make_file: Make) -> None:
    path = make_file("a.fits", varying([[1.0, 2.0, 3.0], [], []]))
    point_rows(path, [(3, 0), (2, 4), (1, 8)])
    assert lists_of(path) == [[1.0, 2.0, 3.0], [2.0, 3.0], [3.0]]


def test_an_empty_row_may_point_anywhere(make_file: Make) -> None:
    path = make_file("a.fits", varying([[1.0, 2.0], []]))
    point_rows(path, [(2, 0), (0, 999)])
    assert lists_of(path) == [[1.0, 2.0], []]


@pytest.mark.parametrize("row", [(3, 0), (1, 8), (2, 4), (-1, 0), (1, -4), (2**30, 0)])
def test_a_row_outside_the_heap_is_refused(make_file: Make, row: tuple[int, int]) -> None:
    path = make_file("a.fits", varying([[1.0, 2.0], []]))
    point_rows(path, [(2, 0), row])
    with pytest.raises(InputError, match="table LISTS: a row of VALUES lies outside the table"):
        lists_of(path)


def test_too_many_values_in_rows_that_share_the_heap_are_refused(
    make_file: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file("a.fits", varying([[1.0, 2.0, 3.0], [], [], []]))
    monkeypatch.setattr(fits_table, "MAX_VALUES", 10)
    point_rows(path, [(3, 0), (3, 0), (3, 0), (1, 0)])
    assert sum(map(len, lists_of(path))) == 10
    point_rows(path, [(3, 0), (3, 0), (3, 0), (2, 0)])
    sentence = "table LISTS: the rows of column VALUES have too many values in sum: .* at most 10"
    with pytest.raises(InputError, match=sentence):
        lists_of(path)


def test_too_many_rows_of_varying_length_are_refused(
    make_file: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fits_table, "MAX_LISTS", 2)
    sentence = "column VALUES has 3 rows of varying length: must be at most 2"
    with pytest.raises(InputError, match=sentence):
        lists_of(make_file("a.fits", varying([[1.0], [2.0], [3.0]])))
