"""Untrusted files lead to one clear sentence, never to a crash or a long wait."""

import gzip
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from eclgrmd.formats import (
    events_to_fits,
    inspect_file,
    light_curve_to_fits,
    read_observation,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.model.names import BurstId
from tests.unit.formats.tables import Make, gti, table
from tests.unit.formats.values import EVENTS, LIGHT_CURVE, PROVENANCE, RESPONSE, SPECTRUM

BLOCK = 2880


def refuse(path: Path, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as inspected:
        inspect_file(path)
    assert str(inspected.value).startswith(path.name)
    with pytest.raises(InputError, match=sentence):
        read_observation([path], burst_id=BurstId("b"))


@pytest.fixture
def events_file(make_eclairs: Make) -> Path:
    return make_eclairs("ecl.fits", np.arange(0.0, 50.0), None, gti([(-1.0, 60.0)]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    refuse(tmp_path / "nowhere.fits", "nowhere.fits: .*No such file")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"hello world\n", "is no FITS file"),
        (bytes(range(256)) * 40, "is no FITS file"),
        (
            b"SIMPLE  =                    T",
            "is damaged or cut short: its first header does not end",
        ),
        (gzip.compress(b"hello", mtime=0), "is no FITS file"),
        (gzip.compress(b"hello", mtime=0)[:-4], "is cut short: its packed data end too early"),
        (b"\x1f\x8bnot gzip at all", "may be damaged"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it first"),
    ],
)
def test_other_bytes_are_no_fits(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "x.fits"
    path.write_bytes(content)
    refuse(path, sentence)


def test_a_file_that_is_cut_short_says_so(events_file: Path) -> None:
    content = events_file.read_bytes()
    events_file.write_bytes(content[: 2 * BLOCK + 100])
    refuse(events_file, "is cut short|may be damaged|cannot be read")


@pytest.mark.parametrize("blocks", range(1, 6))
def test_a_file_cut_anywhere_is_refused(events_file: Path, blocks: int) -> None:
    content = events_file.read_bytes()
    assert len(content) == 5 * BLOCK
    events_file.write_bytes(content[: blocks * BLOCK - 1])
    with pytest.raises(InputError):
        inspect_file(events_file)


def test_an_image_is_no_data_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    fits.HDUList([fits.PrimaryHDU(np.zeros((4, 4)))]).writeto(path)
    refuse(path, r"holds no events, spectrum, .* \(its tables: none\)")


def test_an_unknown_table_is_named(make_file: Make) -> None:
    path = make_file("x.fits", table("STARS", [("RA", "D", [1.0])]))
    refuse(path, "its tables: STARS")


def test_a_missing_column_is_named(make_file: Make) -> None:
    path = make_file("x.fits", table("SPECTRUM", [("CHANNEL", "I", [1])], HDUCLAS1="SPECTRUM"))
    refuse(path, "SPECTRUM has neither COUNTS nor RATE")


def test_events_without_energy_are_refused(make_file: Make) -> None:
    path = make_file("x.fits", table("EVENTS", [("TIME", "D", [1.0])], HDUCLAS1="EVENTS"))
    refuse(path, "EVENTS must have columns TIME and one of PI, PHA")


def test_no_file_is_no_observation() -> None:
    with pytest.raises(InputError, match="no file to read"):
        read_observation([], burst_id=BurstId("b"))


def test_infinite_times_are_refused(make_eclairs: Make) -> None:
    refuse(make_eclairs("x.fits", [0.0, np.inf, 1.0]), "TIME holds infinity")


def test_times_of_which_none_is_a_number_are_refused(make_eclairs: Make) -> None:
    refuse(make_eclairs("x.fits", [np.nan, np.nan]), "TIME holds no number")


def test_a_file_without_an_event_is_refused(make_eclairs: Make) -> None:
    refuse(make_eclairs("x.fits", []), "holds no event")


def test_a_response_without_energies_is_refused(make_file: Make) -> None:
    columns = [("ENERG_LO", "E", [1]), ("ENERG_HI", "E", [2]), ("N_GRP", "I", [0])]
    columns += [("F_CHAN", "I", [0]), ("N_CHAN", "I", [0]), ("MATRIX", "E", [0])]
    refuse(make_file("x.rsp", table("MATRIX", columns)), "no EBOUNDS")


def lie(path: Path, keyword: str, value: str) -> None:
    content = path.read_bytes()
    place = content.index(f"{keyword:<8}=".encode())
    card = f"{keyword:<8}= {value:>20}".encode()
    path.write_bytes(content[:place] + card + content[place + len(card) :])


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("NAXIS2", "999999999999"),
        ("NAXIS2", "-5"),
        ("NAXIS1", "999999999999"),
        ("NAXIS1", "7"),
        ("TFIELDS", "999999999"),
        ("PCOUNT", "999999999999"),
        ("GCOUNT", "999999999999"),
        ("TFORM1", "'999999999D'"),
        ("TFORM1", "'1PD(5)'"),
        ("NAXIS", "999999999"),
    ],
)
def test_a_lie_about_sizes_is_found_without_believing_it(
    events_file: Path, keyword: str, value: str
) -> None:
    content = events_file.read_bytes()
    extension = content.index(b"XTENSION")
    events_file.write_bytes(content[extension:])
    lie(events_file, keyword, value)
    events_file.write_bytes(content[:extension] + events_file.read_bytes())
    start = time.perf_counter()
    with pytest.raises(InputError):
        inspect_file(events_file)
    assert time.perf_counter() - start < 2.0


def test_a_file_of_very_many_extensions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.fits"
    monkeypatch.setattr("eclgrmd.formats.fits.structure.MAX_EXTENSIONS", 20)
    fits.HDUList([fits.PrimaryHDU(), table("A", [("X", "D", [1.0])])]).writeto(path)
    content = path.read_bytes()
    extension = content[content.index(b"XTENSION") :]
    path.write_bytes(content + extension * 30)
    refuse(path, "more than 20 extensions")


def test_a_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.formats.fits.packed.MAX_UNPACKED_BYTES", 1 << 20)
    path = tmp_path / "x.fits.gz"
    path.write_bytes(gzip.compress(b"SIMPLE  =" + bytes(1 << 22)))
    refuse(path, "unpacks to more than 1048576 bytes")


VALID = {
    "events": events_to_fits(EVENTS, PROVENANCE),
    "spectrum": spectrum_to_fits(SPECTRUM, PROVENANCE),
    "response": response_to_fits([RESPONSE, RESPONSE], PROVENANCE),
    "light_curve": light_curve_to_fits(LIGHT_CURVE, PROVENANCE),
}
damage = st.lists(
    st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=30)), min_size=1, max_size=5
)


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(damage=damage, cut=st.none() | st.integers(0, 10**6))
@pytest.mark.parametrize("name", ["events", "spectrum", "response", "light_curve"])
def test_damaged_bytes_read_well_or_are_refused(
    name: str, tmp_path: Path, damage: list[tuple[int, bytes]], cut: int | None
) -> None:
    content = bytearray(VALID[name])
    for place, some in damage:
        begin = place % len(content)
        content[begin : begin + len(some)] = some
    path = tmp_path / "x.fits"
    path.write_bytes(bytes(content) if cut is None else bytes(content[: cut % len(content)]))
    for action in (inspect_file, lambda p: read_observation([p], burst_id=BurstId("b"))):
        with suppress(InputError):
            action(path)
