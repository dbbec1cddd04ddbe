"""A compressed file reads like the original, for every compression and file name."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import backports.zstd
import ncompress
import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.formats.observation.versions import newest
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Observation
from eclgrmd.model.packed_names import unpacked_name
from tests.unit.formats.tables import Make

Pack = Callable[[bytes], bytes]


def compress(content: bytes) -> bytes:
    packed = ncompress.compress(content)
    assert isinstance(packed, bytes)
    return packed


def zstd(content: bytes) -> bytes:
    packed = backports.zstd.compress(content)
    assert isinstance(packed, bytes)
    return packed


def zip_of(content: bytes, *others: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.fits", *others):
            archive.writestr(name, content)
    return buffer.getvalue()


def two_streams(pack: Pack) -> Pack:
    return lambda content: pack(content[:1000]) + pack(content[1000:])


PACKINGS: dict[str, Pack] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".Z": compress,
    ".zst": zstd,
    ".zip": zip_of,
}
SEVERAL = {name: two_streams(PACKINGS[name]) for name in (".gz", ".bz2", ".xz", ".zst")}


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


@pytest.fixture
def plain(make_eclairs: Make) -> Path:
    return make_eclairs("a.fits", np.linspace(0.0, 500.0, 8_000))


@pytest.mark.parametrize("name", ["{}", "a.fits", "a.fits.gz", "a.fits.BZ2"])
@pytest.mark.parametrize("suffix", PACKINGS)
def test_the_first_bytes_tell_the_packing(plain: Path, suffix: str, name: str) -> None:
    path = plain.parent / "packed" / name.format(f"a.fits{suffix}")
    path.parent.mkdir()
    path.write_bytes(PACKINGS[suffix](plain.read_bytes()))
    assert inspect_file(path) == inspect_file(plain)
    np.testing.assert_array_equal(read(path).events[0].time_s, read(plain).events[0].time_s)


@pytest.mark.parametrize("suffix", SEVERAL)
def test_several_streams_are_one_file(plain: Path, suffix: str) -> None:
    path = plain.with_name(f"a.fits{suffix}")
    path.write_bytes(SEVERAL[suffix](plain.read_bytes()))
    assert inspect_file(path) == inspect_file(plain)


@pytest.mark.parametrize("suffix", PACKINGS)
def test_a_packed_file_that_is_cut_short_is_refused(plain: Path, suffix: str) -> None:
    packed = PACKINGS[suffix](plain.read_bytes())
    path = plain.with_name(f"a.fits{suffix}")
    for size in (7, 20, len(packed) // 2, len(packed) - 3):
        path.write_bytes(packed[:size])
        with pytest.raises(InputError, match=f"^a.fits{suffix}: .*(damaged|cut short|no FITS)"):
            inspect_file(path)


@pytest.mark.parametrize("suffix", PACKINGS)
def test_damage_never_gives_another_error(plain: Path, suffix: str) -> None:
    content = plain.read_bytes()
    rng = np.random.default_rng(1)
    path = plain.with_name(f"a.fits{suffix}")
    for _ in range(10):
        packed = bytearray(PACKINGS[suffix](content))
        for place in rng.integers(6, len(packed), 3):
            packed[place] ^= 0xFF
        path.write_bytes(packed)
        try:
            found = inspect_file(path)
        except InputError as error:
            assert str(error).startswith(path.name)  # noqa: PT017 - some damage cannot be seen
        else:
            assert found.kind is FileKind.EVENTS


@pytest.mark.parametrize("suffix", PACKINGS)
def test_the_size_is_limited_while_unpacking(
    plain: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.formats.fits.packed.MAX_UNPACKED_BYTES", 1 << 20)
    path = plain.with_name(f"a.fits{suffix}")
    path.write_bytes(PACKINGS[suffix](plain.read_bytes() + bytes(1 << 22)))
    with pytest.raises(InputError, match="unpacks to more than 1048576 bytes"):
        inspect_file(path)


@pytest.mark.parametrize("suffix", PACKINGS)
def test_a_small_file_may_not_unpack_to_a_large_one(
    plain: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zeros are compressed a thousand times."""
    monkeypatch.setattr("eclgrmd.formats.fits.packed.FREE_BYTES", 1 << 20)
    packed = PACKINGS[suffix](plain.read_bytes()[:2880] + bytes(1 << 24))
    path = plain.with_name(f"a.fits{suffix}")
    path.write_bytes(packed)
    most = (1 << 20) + 100 * len(packed)
    assert most < 1 << 24
    with pytest.raises(InputError, match=f"unpacks to more than {most} bytes, 100 times its size"):
        inspect_file(path)


def test_what_a_gzip_file_says_of_its_size_is_enough(plain: Path) -> None:
    """Nothing is unpacked, since it is not a FITS file."""
    packed = gzip.compress(b"no FITS file")
    path = plain.with_name("a.fits.gz")
    path.write_bytes(packed[:-4] + (1 << 31).to_bytes(4, "little"))
    with pytest.raises(InputError, match="unpacks to more than"), Unpacked() as unpacked:
        unpacked(path)


LINES = "0.5 1.5 2.5 3.5\n10 20 30 40\n"


@pytest.mark.parametrize("name", ["curve.txt", "curve.dat", "curve.asc"])
@pytest.mark.parametrize("suffix", ["", *PACKINGS])
def test_a_text_light_curve_is_read_packed_or_not(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"{name}{suffix}"
    path.write_bytes(PACKINGS[suffix](LINES.encode()) if suffix else LINES.encode())
    assert inspect_file(path).kind is FileKind.LIGHT_CURVE
    (curve,) = read(path).light_curves
    assert curve.counts.tolist() == [10.0, 20.0, 30.0, 40.0]
    assert curve.start_s.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert curve.detectors == ("curve",)
    assert curve.files == (path.name,)


@pytest.mark.parametrize("suffix", PACKINGS)
def test_a_packed_text_has_the_limits_of_a_plain_one(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.formats.read.text_light_curve.MAX_BYTES", len(LINES) - 1)
    path = tmp_path / f"curve.txt{suffix}"
    path.write_bytes(PACKINGS[suffix](LINES.encode()))
    with pytest.raises(InputError, match="is no FITS file: unpacked, it does not begin"):
        inspect_file(path)


def test_an_xz_file_may_not_ask_for_any_memory(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eclgrmd.formats.fits.packed.MAX_XZ_MEMORY_BYTES", 1 << 20)
    path = plain.with_name("a.fits.xz")
    path.write_bytes(lzma.compress(plain.read_bytes()))
    with pytest.raises(InputError, match="Memory usage limit"):
        inspect_file(path)


def test_a_zip_archive_of_two_files_is_refused(plain: Path) -> None:
    path = plain.with_name("a.zip")
    path.write_bytes(zip_of(plain.read_bytes(), "b.fits"))
    with pytest.raises(InputError, match="is a zip archive of 2 files: unpack it first"):
        inspect_file(path)


@pytest.mark.parametrize("named", ["a.rsp", "a.rsp.gz", "a.rsp.Z"])
@pytest.mark.parametrize("suffix", ["", *PACKINGS])
def test_a_spectrum_finds_its_response_packed_or_not(
    make_pha: Make, make_rsp: Make, named: str, suffix: str
) -> None:
    spectrum = make_pha("a.pha", "COUNTS", [1.0, 2, 3, 4], RESPFILE=named)
    response = make_rsp("a.rsp")
    plain = read(spectrum, response).spectra[0].response
    assert plain is not None
    if suffix:
        content = PACKINGS[suffix](response.read_bytes())
        response.unlink()
        response = response.with_name(f"a.rsp{suffix}")
        response.write_bytes(content)
    for found in (read(spectrum, response), read(spectrum)):
        (only,) = found.spectra
        assert only.response is not None
        np.testing.assert_array_equal(only.response.matrix_cm2, plain.matrix_cm2)


@pytest.mark.parametrize("suffix", ["", *PACKINGS])
def test_a_name_tells_a_background_packed_or_not(make_pha: Make, suffix: str) -> None:
    path = make_pha("x_bkg.pha", "COUNTS", [1.0, 2, 3, 4])
    packed = path.with_name(f"{path.name}{suffix}")
    if suffix:
        packed.write_bytes(PACKINGS[suffix](path.read_bytes()))
    assert inspect_file(packed).kind is FileKind.BACKGROUND


@pytest.mark.parametrize("suffix", ["", *PACKINGS])
def test_the_higher_version_wins_packed_or_not(suffix: str) -> None:
    low, high = Path(f"a_v00.fit{suffix}"), Path("a_v01.fit.gz")
    assert newest([low, high])[0] == [high]


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.pha.Z", "a.pha"), ("a.pha.GZ", "a.pha"), ("a.pha", "a.pha"), ("a.fz", "a.fz")],
)
def test_packing_adds_a_suffix(name: str, plain: str) -> None:
    assert unpacked_name(name) == plain
