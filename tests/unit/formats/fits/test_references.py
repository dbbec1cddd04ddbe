"""References of spectra to files and to their parts, and files with fewer channels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.formats.fits.reference import Reference, find_named, parse_reference
from eclgrmd.formats.rows.numbering import Numbering, match_channels
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import Channels, Observation, Spectrum
from tests.unit.formats.tables import GBM, Make, bounds, matrix, table, three_matrices, type_two

COUNTS = np.array([4.0, 9.0, 16.0, 1.0])


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


def only(observation: Observation) -> Spectrum:
    (spectrum,) = observation.spectra
    return spectrum


@pytest.mark.parametrize(
    ("written", "name", "pointer"),
    [
        ("a.rsp", "a.rsp", {}),
        ("/far/away/a.rsp", "a.rsp", {}),
        ("..\\b c.rsp", "b c.rsp", {}),
        ("!a.rsp", "a.rsp", {}),
        ("a.rsp{3}", "a.rsp", {"row": 3}),
        ("a.rsp[2]", "a.rsp", {"number": 2}),
        ("a.rsp+2", "a.rsp", {"number": 2}),
        ("a.rsp[matrix]", "a.rsp", {"extname": "MATRIX"}),
        ("a.rsp[SPECRESP MATRIX,3]", "a.rsp", {"extname": "SPECRESP MATRIX", "version": 3}),
        ("x/a.rsp [ MATRIX , 3 , b ]", "a.rsp", {"extname": "MATRIX", "version": 3}),
        ("a.pha[SPECTRUM]{4}", "a.pha", {"extname": "SPECTRUM", "row": 4}),
        ("a.pha[1]{4}", "a.pha", {"number": 1, "row": 4}),
    ],
)
def test_names_point_into_files_as_cfitsio_and_xspec_have_it(
    written: str, name: str, pointer: dict[str, Any]
) -> None:
    found = parse_reference("RESPFILE", written)
    assert found is not None
    assert found == Reference(found.literal, name.strip(), **pointer)


@pytest.mark.parametrize("written", ["", "  ", "folder/", "!"])
def test_no_name_is_no_reference(written: str) -> None:
    assert parse_reference("RESPFILE", written) is None


@pytest.mark.parametrize("written", ["a[#row>3]", "a[1:3]", "a[]", "a{x}", "a{1-3}", "a[1", "a]1["])
def test_brackets_that_are_not_understood_are_refused_by_name(written: str) -> None:
    with pytest.raises(InputError, match="BACKFILE is '"):
        parse_reference("BACKFILE", written)


@pytest.mark.parametrize(
    ("written", "there", "found"),
    [
        ("a.rsp", "a.rsp.gz", "a.rsp.gz"),
        ("a.rsp.gz", "a.rsp", "a.rsp"),
        ("a.rsp[2]", "a.rsp.gz", "a.rsp.gz"),
        ("a[1].rsp+2", "a[1].rsp+2", "a[1].rsp+2"),
        ("gamma+4", "gamma+4", "gamma+4"),
    ],
)
def test_files_are_found_packed_or_with_brackets_in_their_names(
    written: str, there: str, found: str
) -> None:
    if "]." in written:
        reference = Reference(written, "a")
    else:
        parsed = parse_reference("RESPFILE", written)
        assert parsed is not None
        reference = parsed
    match = find_named(reference, {there: Path(there)})
    assert match is not None
    assert match[0].name == found
    assert match[1].points == (written == "a.rsp[2]")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a.rsp{3}", 2.0),
        ("a.rsp[MATRIX,2]", 1.0),
        ("a.rsp[4]", 2.0),  # EBOUNDS is extension 1
        ("a.rsp+3", 1.0),
        ("!/x/a.rsp[MATRIX,1]", 0.0),
    ],
)
@pytest.mark.parametrize("given", [False, True])
def test_the_matrix_that_is_named_is_used_whatever_its_time(
    make_pha: Make, make_rsp: Make, written: str, value: float, given: bool
) -> None:
    matrices = three_matrices()
    for version, made in enumerate(matrices, start=1):
        made.header["EXTVER"] = version
    response = make_rsp("a.rsp", *matrices)
    pha = make_pha("a.pha", "COUNTS", COUNTS, RESPFILE=written, TSTART=0.2, TSTOP=0.4)
    spectrum = only(read(pha, response) if given else read(pha))
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2[0, 0] == value


@pytest.mark.parametrize("written", ["a.rsp[MATRIX,4]", "a.rsp[7]", "a.rsp{4}", "a.rsp[WRONG]"])
def test_a_matrix_that_is_not_there_is_told_and_no_other_is_used(
    make_pha: Make, make_rsp: Make, written: str
) -> None:
    make_rsp("a.rsp", *three_matrices())
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, RESPFILE=written)))
    assert spectrum.response is None
    assert any("not in a.rsp" in flag for flag in texts(spectrum.flags))


def test_a_response_that_is_named_and_absent_is_told(make_pha: Make, make_rsp: Make) -> None:
    pha = make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="gone.rsp")
    sentence = "RESPFILE names gone.rsp, which was not found"
    assert f"{sentence}: give it or put it beside" in texts(only(read(pha)).flags)
    instead = only(read(pha, make_rsp("other.rsp")))
    assert instead.response is not None
    assert f"{sentence}: other.rsp taken" in texts(instead.flags)


def two_blocks() -> tuple[list[Any], Any]:
    """Make a fine and a coarse matrix, and their sum on the fine bins."""
    sharp = np.arange(12.0).reshape(3, 4)
    coarse = np.array([[5.0, 0.0, 1.0, 2.0]])
    tail = table(
        "MATRIX",
        [
            ("ENERG_LO", "E", [10.0]), ("ENERG_HI", "E", [40.0]), ("N_GRP", "I", [1]),
            ("F_CHAN", "I", [0]), ("N_CHAN", "I", [4]), ("MATRIX", "4E", coarse),
        ],
        TLMIN4=0, EXTVER=2,
    )  # fmt: skip
    return [matrix(sharp, TLMIN4=0), tail], sharp + coarse


def test_matrices_without_times_are_added_up(make_pha: Make, make_rsp: Make) -> None:
    blocks, total = two_blocks()
    pha = make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="a.rsp")
    spectrum = only(read(pha, make_rsp("a.rsp", *blocks)))
    assert spectrum.response is not None
    assert spectrum.response.energy_low_kev == pytest.approx([10.0, 20.0, 30.0])
    assert spectrum.response.matrix_cm2 == pytest.approx(total)
    assert "response is the sum of the 2 matrices of a.rsp" in texts(spectrum.flags)


def test_matrices_with_and_without_times_are_not_mixed(make_pha: Make, make_rsp: Make) -> None:
    blocks, _ = two_blocks()
    blocks[0].header["TSTART"] = 0.0
    make_rsp("a.rsp", *blocks)
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="a.rsp")))
    assert spectrum.response is None
    assert any(
        "with times of validity and others without" in flag for flag in texts(spectrum.flags)
    )
    make_file_named = only(read(make_pha("b.pha", "COUNTS", COUNTS, RESPFILE="a.rsp[3]")))
    assert make_file_named.response is not None


def spectrum_table(counts: Any, **header: Any) -> Any:
    columns = [("CHANNEL", "I", np.arange(4)), ("COUNTS", "D", counts)]
    keywords = {"EXPOSURE": 2.0, "HDUCLAS1": "SPECTRUM", **header}
    return table("SPECTRUM", columns, **keywords)


def test_all_spectra_of_a_file_are_read_each_with_its_background(make_file: Make) -> None:
    sources = [
        spectrum_table(COUNTS * k, EXTVER=k, TSTART=10.0 * k, TSTOP=10.0 * k + 2, BACKFILE="b.bak")
        for k in (1, 2)
    ]
    backgrounds = [spectrum_table(np.full(4, k), EXTVER=k, HDUCLAS2="BKG") for k in (1, 2)]
    make_file("b.bak", *backgrounds, bounds(), **GBM)
    path = make_file("a.pha", *sources, bounds(), **GBM)
    first, second = read(path).spectra
    for k, spectrum in ((1, first), (2, second)):
        assert spectrum.counts.tolist() == (COUNTS * k).tolist()
        assert spectrum.start_s == pytest.approx(10.0 * (k - 1) + first.start_s)
        assert spectrum.background is not None
        assert spectrum.background.counts.tolist() == [k] * 4
    assert inspect_file(path).rows == 2


def test_spectra_of_two_detectors_in_one_file_keep_their_names(make_file: Make) -> None:
    tables = [spectrum_table(COUNTS, DETNAM=name) for name in ("NAI_03", "NAI_10")]
    path = make_file("a.pha", *tables, bounds(), TELESCOP="GLAST", INSTRUME="GBM")
    assert [s.detector for s in read(path).spectra] == ["n3", "na"]
    assert inspect_file(path).detectors == ("n3", "na")


@pytest.mark.parametrize("written", ["a.pha[2]", "a.pha[SPECTRUM,7]", "./a.pha+2"])
def test_a_background_in_the_same_file_is_no_source(make_file: Make, written: str) -> None:
    source = spectrum_table(COUNTS, BACKFILE=written)
    background = spectrum_table([1.0] * 4, EXTVER=7)
    spectrum = only(read(make_file("a.pha", source, background, bounds(), **GBM)))
    assert spectrum.background is not None
    assert spectrum.background.counts.tolist() == [1.0] * 4


def test_a_row_in_braces_is_the_background(make_file: Make, make_pha: Make) -> None:
    make_file("b.pha", type_two(3), bounds(), **GBM)
    pha = make_pha("a.pha", "COUNTS", COUNTS, BACKFILE="b.pha{3}", EXPOSURE=0.42)
    spectrum = read(pha).spectra[0]
    assert spectrum.background is not None
    assert spectrum.background.counts == pytest.approx([8.0, 9.0, 10.0, 11.0])


def part_of(make_file: Make, name: str, first: int, n: int, **header: Any) -> Path:
    columns = [("CHANNEL", "I", np.arange(first, first + n)), ("COUNTS", "D", np.ones(n))]
    made = table("SPECTRUM", columns, HDUCLAS1="SPECTRUM", EXPOSURE=2.0, **header)
    return make_file(name, made, **GBM)


def test_fewer_channels_are_matched_by_their_numbers(make_file: Make, make_rsp: Make) -> None:
    pha = part_of(make_file, "a.pha", 1, 2, DETCHANS=4)
    part_of(make_file, "a.bak", 0, 3, HDUCLAS2="BKG", DETCHANS=4)
    spectrum = only(read(pha, make_rsp("a.rsp"), pha.with_name("a.bak")))
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2.tolist() == [[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]]
    assert spectrum.response.channels.number.tolist() == [1, 2]
    assert spectrum.background is not None
    assert spectrum.background.counts.tolist() == [1.0, 1.0]
    assert "2 channels matched by number: 2 in a.pha, 4 in a.rsp" in texts(spectrum.flags)


def test_channels_without_background_are_left_out(make_file: Make, make_rsp: Make) -> None:
    pha = part_of(make_file, "a.pha", 0, 4, DETCHANS=4)
    background = part_of(make_file, "a.bak", 1, 3, HDUCLAS2="BKG", DETCHANS=4)
    spectrum = only(read(pha, make_rsp("a.rsp"), background))
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [False, True, True, True]
    assert "1 channels left out: a.bak has no background for them" in texts(spectrum.flags)


def test_other_channels_than_the_response_has_are_refused_with_both_counts(
    make_file: Make, make_rsp: Make
) -> None:
    pha = part_of(make_file, "a.pha", 0, 2, DETCHANS=2)
    spectrum = only(read(pha, make_rsp("a.rsp")))
    assert spectrum.response is None
    assert any("a.pha has 2 channels" in f and "a.rsp 4" in f for f in texts(spectrum.flags))


def numbering(
    first: int, n: int, declared: int | None = None, edge: int | None = None
) -> Numbering:
    """Make channels of a detector whose channel k starts at 10 k + 10 keV."""
    number = np.arange(first, first + n)
    channels = None
    if edge is not None:
        low = np.arange(edge, edge + n, dtype=np.float64) * 10.0 + 10.0
        channels = Channels(number, low, low + 10.0)
    return Numbering("x", number, declared, channels)


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        (numbering(0, 4), numbering(1, 4), [0, 1, 2, 3], [0, 1, 2, 3]),  # from 0 and from 1
        (numbering(11, 4), numbering(0, 4), [0, 1, 2, 3], [0, 1, 2, 3]),  # TLMIN of one file only
        (numbering(2, 4, 8), numbering(0, 4), [0, 1], [2, 3]),  # a part of eight
        (numbering(2, 3, edge=2), numbering(1, 8, edge=0), [0, 1, 2], [2, 3, 4]),  # by energies
        (numbering(0, 8), numbering(3, 2), [3, 4], [0, 1]),  # more channels than the response
        (numbering(0, 7), numbering(0, 8), [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_channels_are_matched(
    one: Numbering, other: Numbering, left: list[int], right: list[int]
) -> None:
    found = match_channels(one, other)
    assert [places.tolist() for places in found] == [left, right]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (numbering(0, 4, 4), numbering(0, 8)),  # a whole detector of four
        (numbering(0, 4, edge=20), numbering(0, 8, edge=0)),  # other energies
        (numbering(20, 4), numbering(0, 8)),
    ],
)
def test_what_cannot_be_matched_is_refused(one: Numbering, other: Numbering) -> None:
    with pytest.raises(InputError, match=r"x has 4 channels .* and x 8"):
        match_channels(one, other)


def test_channels_without_value_or_scale_are_left_out(make_pha: Make, make_rsp: Make) -> None:
    source = make_pha("a.pha", "COUNTS", [4.0, np.nan, 16.0, 1.0], BACKFILE="b.bak", EXPOSURE=2.0)
    make_pha(
        "b.bak", "COUNTS", [40.0, 20.0, 8.0, 12.0], ("BACKSCAL", "D", [2.0, 2.0, 0.0, 4.0]),
        EXPOSURE=10.0, HDUCLAS2="BKG",
    )  # fmt: skip
    spectrum = only(read(source, make_rsp("c.rsp")))
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [True, False, False, True]
    assert {
        "1 channels left out: no number in COUNTS",
        "background: 1 channels left out: BACKSCAL is 0",
    } <= set(texts(spectrum.flags))
    background = spectrum.background
    assert background is not None
    assert background.counts[[0, 3]] == pytest.approx([4.0, 0.6])  # 0.2 / BACKSCAL each
    assert background.channel_scale[[0, 3]] == pytest.approx([0.1, 0.05])


def test_an_error_that_is_no_number_leaves_its_channel_out(make_pha: Make) -> None:
    path = make_pha(
        "a.pha", "RATE", [1.6, 0.3, 2.2, 0.1], ("STAT_ERR", "D", [0.5, np.nan, 0.4, 0.2]),
        POISSERR=False, HDUCLAS2="NET",
    )  # fmt: skip
    spectrum = only(read(path))
    assert spectrum.error == pytest.approx([1.0, 0.0, 0.8, 0.4])
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [True, False, True, True]


def test_an_error_of_zero_leaves_its_channel_out_unless_nothing_was_counted(
    make_pha: Make,
) -> None:
    path = make_pha(
        "a.pha", "COUNTS", [8.0, 3.0, 0.0, 2.0], ("STAT_ERR", "D", [4.0, 0.0, 0.0, 2.0]),
        POISSERR=False,
    )  # fmt: skip
    spectrum = only(read(path))
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [True, False, True, True]


def test_net_counts_keep_their_errors_whatever_poisserr_says(make_pha: Make) -> None:
    path = make_pha(
        "a.pha", "COUNTS", COUNTS, ("STAT_ERR", "D", [5.0, 5.0, 6.0, 4.0]),
        POISSERR=True, HDUCLAS2="NET",
    )  # fmt: skip
    assert only(read(path)).error == pytest.approx([5.0, 5.0, 6.0, 4.0])


def test_detectors_of_one_name_on_two_missions_are_with_unique_detectors(make_file: Make) -> None:
    columns = [("CHANNEL", "I", np.arange(4)), ("COUNTS", "D", COUNTS)]
    paths = [
        make_file(
            f"{mission}.pha",
            table("SPECTRUM", columns, HDUCLAS1="SPECTRUM", EXPOSURE=float(k + 1)),
            bounds(),
            TELESCOP=mission, INSTRUME="X", DETNAM="D1",
        )
        for k, mission in enumerate(("ONE", "TWO"))
    ]  # fmt: skip
    names = {s.detector for s in read(*paths).spectra}
    assert names == {"ONE-D1", "TWO-D1"}


def test_negative_poisson_counts_with_errors_are_gaussian(make_pha: Make) -> None:
    path = make_pha(
        "a.pha", "COUNTS", [4.0, -1.0, 3.0, 2.0], ("STAT_ERR", "D", [2.0, 1.0, 2.0, 1.0]),
        POISSERR=True,
    )  # fmt: skip
    spectrum = only(read(path))
    assert spectrum.error == pytest.approx([2.0, 1.0, 2.0, 1.0])
    assert "negative counts are no Poisson counts: STAT_ERR taken" in texts(spectrum.flags)


def test_counts_in_counts_per_second_are_rates(make_pha: Make) -> None:
    path = make_pha("a.pha", "COUNTS", COUNTS / 2, TUNIT2="count/s", EXPOSURE=2.0)
    spectrum = only(read(path))
    assert spectrum.counts == pytest.approx(COUNTS)
    assert "COUNTS are in count/s: taken as rates" in texts(spectrum.flags)


def test_a_row_without_exposure_is_left_out(make_file: Make) -> None:
    made = type_two(3)
    made.data["EXPOSURE"][1] = 0.0
    observation = read(make_file("a.pha", made, bounds(), **GBM))
    assert [s.counts[0] for s in observation.spectra] == [0.0, 8.0]
    assert texts(observation.flags)[-1:] == ("left out: a.pha row 2 of SPECTRUM has no EXPOSURE",)


def area_table(value: float, version: int) -> Any:
    columns = [
        ("ENERG_LO", "E", [10.0, 20.0, 30.0]),
        ("ENERG_HI", "E", [20.0, 30.0, 40.0]),
        ("SPECRESP", "E", [value] * 3),
    ]
    return table("SPECRESP", columns, EXTVER=version)


@pytest.mark.parametrize(
    ("written", "area"),
    [("a.arf", 100.0), ("a.arf[SPECRESP,2]", 200.0), ("a.arf+2", 200.0), ("a.arf[1]", 100.0)],
)
def test_the_effective_area_that_is_named_is_applied(
    make_file: Make, make_pha: Make, make_rsp: Make, written: str, area: float
) -> None:
    make_file("a.arf", area_table(100.0, 1), area_table(200.0, 2), **GBM)
    make_rsp("a.rmf", matrix(np.full((3, 4), 0.25), TLMIN4=0, HDUCLAS3="REDIST"))
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="a.rmf", ANCRFILE=written)))
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2 == pytest.approx(np.full((3, 4), area / 4))


@pytest.mark.parametrize("written", ["gone.arf", "none", "a.arf[SPECRESP,3]"])
def test_a_redistribution_without_effective_area_is_no_response(
    make_file: Make, make_pha: Make, make_rsp: Make, written: str
) -> None:
    make_file("a.arf", area_table(100.0, 1), **GBM)
    make_rsp("a.rmf", matrix(np.full((3, 4), 0.25), TLMIN4=0, HDUCLAS3="REDIST"))
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, RESPFILE="a.rmf", ANCRFILE=written)))
    assert spectrum.response is None
    assert any("effective area" in flag for flag in texts(spectrum.flags))


def own_matrix(value: float, version: int, low: float = 10.0) -> Any:
    made = matrix(np.full((3, 4), value), TLMIN4=0, EXTVER=version)
    made.data["ENERG_LO"][0] = low
    return made


def first_elements(*paths: Path) -> list[float | None]:
    return [
        None if s.response is None else float(s.response.matrix_cm2[0, 0])
        for s in read(*paths).spectra
    ]


@pytest.mark.parametrize("versions", [(1, 2, 3), (3, 1, 2), (1, 1, 1)])
def test_row_k_goes_with_matrix_k_by_extver_and_says_so(
    make_file: Make, make_rsp: Make, versions: tuple[int, ...]
) -> None:
    """The elements of each matrix are its EXTVER, or its position if all have the same EXTVER."""
    one = len(set(versions)) == 1
    values = (1, 2, 3) if one else versions
    blocks = [own_matrix(float(k), version) for k, version in zip(values, versions, strict=True)]
    rsp = make_rsp("a.rsp", *blocks)
    pha = make_file("a.pha", type_two(3), bounds(), **GBM)
    assert first_elements(pha, rsp) == [1.0, 2.0, 3.0]
    for k, spectrum in enumerate(read(pha, rsp).spectra, start=1):
        told = f"spectrum {k} of 3 takes matrix {k} of the 3 of a.rsp"
        assert any(flag.startswith(told) for flag in texts(spectrum.flags))


def test_extensions_of_spectra_go_with_matrices_by_extver(make_file: Make, make_rsp: Make) -> None:
    tables = [spectrum_table(COUNTS * k, EXTVER=k) for k in (2, 1)]
    pha = make_file("a.pha", *tables, bounds(), **GBM)
    rsp = make_rsp("a.rsp", own_matrix(10.0, 1), own_matrix(20.0, 2))
    assert first_elements(pha, rsp) == [20.0, 10.0]


def test_matrices_that_may_be_parts_of_one_are_refused_for_as_many_spectra(
    make_file: Make, make_rsp: Make
) -> None:
    rsp = make_rsp("a.rsp", own_matrix(1.0, 1), own_matrix(2.0, 2, low=5.0))
    pha = make_file("a.pha", type_two(2), bounds(), **GBM)
    assert first_elements(pha, rsp) == [None, None]
    told = "no response: a.rsp has 2 matrices on different photon energies for 2 spectra"
    assert all(any(f.startswith(told) for f in texts(s.flags)) for s in read(pha, rsp).spectra)
    named = type_two(2, response=["a.rsp[MATRIX,2]", "a.rsp{1}"])
    assert first_elements(make_file("b.pha", named, bounds(), **GBM), rsp) == [2.0, 1.0]


def test_times_go_before_equal_numbers(make_file: Make, make_rsp: Make) -> None:
    """Three matrices are valid from 0, 1 and 2 s; all three spectra are of the first second."""
    pha = make_file("a.pha", type_two(3, start=[0.0, 0.1, 0.2]), bounds(), **GBM)
    assert first_elements(pha, make_rsp("a.rsp2", *three_matrices())) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("named", ["none", "", "both.pha", "both.pha[MATRIX]", "both.pha{1}"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_spectrum_uses_the_response_in_its_own_file(
    make_file: Make, make_rsp: Make, named: str, order: tuple[int, int]
) -> None:
    parts = [spectrum_table(COUNTS, RESPFILE=named), own_matrix(7.0, 1)]
    both = make_file("both.pha", *(parts[k] for k in order), bounds(), **GBM)
    other = make_rsp("another.rsp")
    assert first_elements(both, other) == [7.0]
    assert only(read(both)).counts.tolist() == COUNTS.tolist()
    assert inspect_file(both).kind is FileKind.SPECTRUM


def test_another_response_that_is_named_goes_before_that_of_the_same_file(
    make_file: Make, make_rsp: Make
) -> None:
    other = make_rsp("another.rsp", own_matrix(9.0, 1))
    spectrum = spectrum_table(COUNTS, RESPFILE="another.rsp")
    both = make_file("both.pha", spectrum, own_matrix(7.0, 1), bounds(), **GBM)
    assert first_elements(both, other) == [9.0]
