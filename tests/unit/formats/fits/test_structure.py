"""Headers are checked before a library relies on them, at a limited cost."""

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file
from eclgrmd.formats.fits.fits_file import open_fits, reading
from eclgrmd.formats.fits.structure import check_structure
from eclgrmd.model.intervals import intersection, union
from tests.unit.formats.tables import Make, bounds, gti, table

Cards = list[tuple[str, object]]
PRIMARY: Cards = [("SIMPLE", "T"), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", "T")]
TABLE: Cards = [
    ("XTENSION", "'BINTABLE'"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", 12), ("NAXIS2", 1),
    ("PCOUNT", 0), ("GCOUNT", 1), ("TFIELDS", 2), ("TTYPE1", "'TIME'"), ("TFORM1", "'D'"),
    ("TTYPE2", "'PI'"), ("TFORM2", "'J'"), ("EXTNAME", "'EVENTS'"),
]  # fmt: skip


def block(content: bytes, fill: bytes = b" ") -> bytes:
    return content + fill * (-len(content) % 2880)


def header(cards: Cards, *, end: bool = True) -> bytes:
    written = [f"{key:<8}= {value!s:>20}".ljust(80).encode() for key, value in cards]
    return block(b"".join([*written, b"END".ljust(80) if end else b""]))


def changed(cards: Cards, **values: object) -> Cards:
    return [(key, values.pop(key, value)) for key, value in cards] + list(values.items())


def check(content: bytes) -> int:
    return check_structure(io.BytesIO(content), len(content))


def with_table(**values: object) -> bytes:
    return header(PRIMARY) + header(changed(TABLE, **values)) + block(bytes(12), b"\0")


def test_a_plain_file_passes() -> None:
    assert check(with_table()) == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"NAXIS": 2147483647}, "NAXIS is 2147483647: must be at most 999"),
        ({"NAXIS": 200_000_000}, "NAXIS is 200000000: must be at most 999"),
        ({"NAXIS": 3}, "NAXIS is 3, but NAXIS3 is missing"),
        ({"NAXIS": 1}, "must have NAXIS 2"),
        ({"NAXIS": "1E300"}, "NAXIS is '1E300': must be a whole number"),
        ({"NAXIS": "9" * 30}, "must be a whole number"),
        ({"NAXIS2": 10**15}, "cut short: extension EVENTS ends at byte 12000000000006720"),
        ({"NAXIS2": -5}, "NAXIS2 is -5: must not be negative"),
        ({"PCOUNT": -100}, "PCOUNT is -100: must not be negative"),
        ({"PCOUNT": 10**15}, "cut short"),
        ({"GCOUNT": 10**12}, "cut short"),
        ({"BITPIX": 7}, "BITPIX is 7"),
        ({"TFIELDS": 2147483647}, "declares more than 999 columns"),
        ({"TFIELDS": 3}, "TFORM3 is '': no type of a column"),
        ({"TFORM1": "'999999999D'"}, "columns have 7999999996 bytes a row, but NAXIS1 is 12"),
        ({"TFORM1": f"'{'9' * 40}D'"}, "no type of a column"),
        ({"TFORM1": "'Y'"}, "TFORM1 is 'Y': no type of a column"),
        ({"NAXIS2": "'1'"}, """NAXIS2 is "'1'": must be a whole number"""),
        ({"GCOUNT": "1.0"}, "GCOUNT is '1.0': must be a whole number"),
        ({"BITPIX": "'8'"}, """BITPIX is "'8'": must be a whole number"""),
        ({"NAXIS1": 7}, "columns have 12 bytes a row, but NAXIS1 is 7"),
        ({"ZTABLE": "T"}, "EVENTS is a compressed table .*funpack"),
        ({"XTENSION": "'TABLE'"}, "EVENTS is an ASCII table: must be a binary one"),
    ],
)
def test_what_cannot_be_is_named(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check(with_table(**values))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SIMPLE": "F"}, "the primary array: SIMPLE is 'F': must be T"),
        ({"SIMPLE": "'T'"}, """the primary array: SIMPLE is "'T'": must be T"""),
        ({"EXTEND": "T T"}, "the primary array: EXTEND is 'T T': must be T"),
        ({"EXTEND": "T / \x01"}, "the primary array: the card EXTEND holds bytes that are no text"),
        ({"NAXIS": "0.0"}, "the primary array: NAXIS is '0.0': must be a whole number"),
    ],
)
def test_what_keeps_a_library_from_opening_a_file_is_named(
    values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        check(header(changed(PRIMARY, **values)) + with_table()[2880:])


def test_an_extension_is_not_passed_over_because_of_a_byte_in_its_first_card() -> None:
    with pytest.raises(InputError, match="extension 1: the card XTENSION holds bytes that are no"):
        check(with_table(XTENSION="'BINTABLE' / \x01"))


def times(path: Path, content: bytes) -> list[float]:
    path.write_bytes(content)
    with open_fits(path) as file, reading(path):
        found: list[float] = file.tables[0].column("TIME").tolist()
        return found


@pytest.mark.parametrize("name", ["", "''", "'time2'"])
def test_a_column_may_have_no_name(tmp_path: Path, name: str) -> None:
    rows = np.array([(1.5, 7)], dtype=[("a", ">f8"), ("b", ">i4")]).tobytes()
    table = header(PRIMARY) + header(changed(TABLE, TTYPE2=name)) + block(rows, b"\0")
    assert times(tmp_path / "a.fits", table) == [1.5]
    unnamed = [(key, value) for key, value in TABLE if key != "TTYPE2"]
    assert times(tmp_path / "b.fits", header(PRIMARY) + header(unnamed) + block(rows, b"\0")) == [
        1.5
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("12", r"TTYPE2 \(column 2\) of EVENTS is 12: must be a text in quotes of at most 68"),
        ("T", r"TTYPE2 \(column 2\) of EVENTS is True: must be a text in quotes"),
        ("'time'", "table EVENTS has 2 columns TIME: must have one"),
    ],
)
def test_a_wrong_name_of_a_column_is_named(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        times(tmp_path / "a.fits", with_table(TTYPE2=name))


@pytest.mark.parametrize("form", ["'3I'", "'0I'", "'J'"])
def test_a_table_without_rows_is_read(tmp_path: Path, form: str) -> None:
    width = 8 + {"'3I'": 6, "'0I'": 0, "'J'": 4}[form]
    cards = changed(TABLE, TFORM2=form, NAXIS1=width, NAXIS2=0)
    path = tmp_path / "a.fits"
    path.write_bytes(header(PRIMARY) + header(cards))
    with open_fits(path) as file, reading(path):
        assert file.tables[0].column("PI").size == 0


@pytest.mark.parametrize("number", [200_000_000, 2147483647])
def test_an_absurd_primary_header_is_refused_at_once(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(header(changed(PRIMARY, NAXIS=number)))
    with pytest.raises(InputError, match=f"^a.fits: the primary array: NAXIS is {number}"):
        inspect_file(path)


def test_random_groups_count_their_parameters() -> None:
    groups: Cards = [
        ("SIMPLE", "T"), ("BITPIX", -32), ("NAXIS", 3), ("NAXIS1", 0), ("NAXIS2", 3),
        ("NAXIS3", 2), ("GROUPS", "T"), ("PCOUNT", 4), ("GCOUNT", 1000),
    ]  # fmt: skip
    data = 4 * 1000 * (4 + 3 * 2)
    assert check(header(groups) + block(bytes(data), b"\0")) == 1
    with pytest.raises(InputError, match="cut short"):
        check(header(groups) + bytes(data - 2880))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (header(PRIMARY, end=False), "its first header does not end"),
        (header(PRIMARY) + header(TABLE, end=False), "the header of extension 1 does not end"),
        (header(PRIMARY, end=False) + bytes(8_000_000), "header of more than 4194304 bytes"),
        (header(PRIMARY) * 1 + (header(TABLE) + block(bytes(12))) * 501, "more than 500"),
    ],
)
def test_headers_without_end_are_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check(content)


def test_columns_of_all_tables_are_limited_together() -> None:
    forms = [(f"TFORM{i}", "'J'") for i in range(1, 1000)]
    wide = header([*changed(TABLE[:8], NAXIS1=999 * 4, NAXIS2=0, TFIELDS=999), *forms])
    assert check(header(PRIMARY) + wide * 10) == 11
    with pytest.raises(InputError, match="more than 10000 columns in all its tables"):
        check(header(PRIMARY) + wide * 11)


def test_zeros_behind_the_last_extension_are_not_read(make_eclairs: Make) -> None:
    path = make_eclairs("a.fits", [1.0, 2.0])
    inspect_file(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + (300 << 20))
    tracemalloc.start()
    try:
        assert inspect_file(path).rows == 2
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()


def test_images_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    images = [
        fits.ImageHDU(np.zeros((30, 30), np.int16), name="EVENTS"),
        fits.CompImageHDU(np.zeros((30, 30), np.int16), name="EVENTS"),
    ]
    times = gti([(0.0, 1.0)])
    fits.HDUList([fits.PrimaryHDU(np.zeros((5, 5))), *images, times]).writeto(path)
    assert inspect_file(path).rows == 1


def test_more_groups_than_channels_are_refused(make_file: Make) -> None:
    n = 2000
    groups = table(
        "MATRIX",
        [
            ("ENERG_LO", "E", np.arange(n) + 1.0), ("ENERG_HI", "E", np.arange(n) + 2.0),
            ("N_GRP", "I", np.full(n, 100)), ("F_CHAN", "100I", np.ones((n, 100))),
            ("N_CHAN", "100I", np.ones((n, 100))), ("MATRIX", "100E", np.zeros((n, 100))),
        ],
    )  # fmt: skip
    with pytest.raises(InputError, match="N_GRP says up to 100 groups a row"):
        inspect_file(make_file("a.rsp", groups, bounds()))


def test_long_lists_of_intervals_meet_in_little_memory() -> None:
    n = 20_000
    one = np.column_stack([np.arange(n) * 2.0, np.arange(n) * 2.0 + 1.5])
    two = np.column_stack([np.arange(n) * 2.0 + 1.0, np.arange(n) * 2.0 + 2.0])
    tracemalloc.start()
    try:
        common = intersection(one, two)
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
    assert np.array_equal(common, np.column_stack([two[:, 0], one[:, 1]]))
    assert np.array_equal(intersection(one, np.array([[-1.0, 1e9]])), union(one))
