"""Names of any bytes become texts that JSON and FITS can write."""

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from eclgrmd.formats import events_to_fits
from eclgrmd.model.plain_text import ascii_text, valid_text
from eclgrmd.offline.inputs import find_files
from tests.unit.formats.values import EVENTS, PROVENANCE

NAMES = [
    (b"plain.fits", "plain.fits", "plain.fits"),
    ("données été.fits".encode(), "données été.fits", "donnees ete.fits"),
    (b"donn\xe9es.fits", r"donn\xe9es.fits", r"donn\xe9es.fits"),
    (b"a\nb\t.fits", r"a\nb\t.fits", r"a\nb\t.fits"),
    (b"\x1b[31m.fits", r"\x1b[31m.fits", r"\x1b[31m.fits"),
    ("Groß Ørsted Łódź".encode(), "Groß Ørsted Łódź", "Gross Orsted Lodz"),
    ("😀.fits".encode(), "😀.fits", r"\U0001f600.fits"),
]


@pytest.mark.parametrize(("name", "valid", "plain"), NAMES)
def test_each_alphabet_has_its_form(name: bytes, valid: str, plain: str) -> None:
    assert valid_text(os.fsdecode(name)) == valid
    assert ascii_text(os.fsdecode(name)) == plain


@given(st.binary(max_size=50))
def test_any_bytes_can_be_written(name: bytes) -> None:
    text = os.fsdecode(name)
    assert valid_text(text).encode("utf-8").decode("utf-8").isprintable()
    assert ascii_text(text).isascii()
    assert ascii_text(text).isprintable() or not text


@pytest.mark.parametrize(("name", "valid", "plain"), NAMES)
def test_a_header_takes_any_burst_and_any_file(name: bytes, valid: str, plain: str) -> None:
    text = os.fsdecode(name)
    provenance = replace(PROVENANCE, burst_id=text, object_name=text, history=(f"of {text}",))
    with fits.open(BytesIO(events_to_fits(EVENTS, provenance))) as hdus:
        assert hdus[0].header["BURST_ID"] == plain
        assert hdus[1].header["OBJECT"] == plain
        assert list(hdus[0].header["HISTORY"]) == [f"of {plain}"]


@pytest.mark.parametrize(("name", "valid", "plain"), NAMES)
def test_a_file_of_any_name_is_found(name: bytes, valid: str, plain: str, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(events_to_fits(EVENTS, PROVENANCE))
    (found,) = find_files([str(tmp_path)], lambda _told: None).files
    assert (found.name, Path(found.path)) == (valid, path)
