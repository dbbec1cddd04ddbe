"""OGIP spectra with every peculiarity that real ones have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Observation, Spectrum
from tests.unit.formats.tables import (
    GBM,
    Make,
    bounds,
    gti,
    matrix,
    table,
    three_matrices,
    type_two,
)

COUNTS = np.array([4.0, 9.0, 16.0, 1.0])


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"), **options)


def only(observation: Observation) -> Spectrum:
    (spectrum,) = observation.spectra
    return spectrum


def test_counts_are_poisson(make_pha: Make) -> None:
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, POISSERR=True, TSTART=3.0, TSTOP=7.0)))
    assert (spectrum.instrument, spectrum.detector) == (Instrument.GBM, "na")
    assert spectrum.counts.tolist() == COUNTS.tolist()
    assert (spectrum.error, spectrum.good, spectrum.grouping) == (None, None, None)
    assert (spectrum.start_s, spectrum.stop_s, spectrum.exposure_s) == (3.0, 7.0, 2.0)
    assert texts(spectrum.flags) == ("no response", "no background")


def test_rates_become_counts_whatever_hduclas3_says(make_pha: Make) -> None:
    rate = (COUNTS / 2.0).astype(np.float32)
    path = make_pha(
        "a.pha", "RATE", rate, ("STAT_ERR", "D", np.sqrt(COUNTS) / 2.0),
        POISSERR=True, HDUCLAS3="COUNT",
    )  # fmt: skip
    spectrum = only(read(path))
    assert spectrum.counts.tolist() == COUNTS.tolist()
    assert spectrum.error is None


def test_rates_with_their_own_errors_are_gaussian(make_pha: Make) -> None:
    path = make_pha(
        "a.pha", "RATE", [1.6, -0.3, 2.2, 0.1], ("STAT_ERR", "D", [0.5, 0.5, 0.4, 0.2]),
        ("SYS_ERR", "D", [0.1, 0.0, 0.0, 0.1]), POISSERR=False, HDUCLAS2="NET",
    )  # fmt: skip
    spectrum = only(read(path))
    assert spectrum.counts == pytest.approx([3.2, -0.6, 4.4, 0.2])
    assert spectrum.error == pytest.approx([1.0, 1.0, 0.8, 0.4])
    assert spectrum.systematic == pytest.approx([0.1, 0.0, 0.0, 0.1])
    assert spectrum.background is None
    assert "no background" not in texts(spectrum.flags)


@pytest.mark.parametrize("grouped", [False, True])
def test_whole_counts_with_square_roots_are_poisson_unless_grouped(
    make_pha: Make, grouped: bool
) -> None:
    grouping = [1, -1, 1, -1] if grouped else [1, 1, 1, 1]
    path = make_pha(
        "a.pha", "COUNTS", COUNTS, ("STAT_ERR", "E", np.sqrt(COUNTS)),
        ("GROUPING", "I", grouping), POISSERR=False,
    )  # fmt: skip
    spectrum = only(read(path))
    assert (spectrum.error is not None) == grouped
    assert (spectrum.grouping is not None) == grouped


def test_quality_tells_the_good_channels(make_pha: Make) -> None:
    spectrum = only(read(make_pha("a.pha", "COUNTS", COUNTS, ("QUALITY", "I", [0, 1, 2, 5]))))
    assert spectrum.good is not None
    assert spectrum.good.tolist() == [True, False, False, False]


def test_a_background_is_scaled_to_the_source(make_pha: Make, make_rsp: Make) -> None:
    source = make_pha(
        "a.pha", "COUNTS", COUNTS, EXPOSURE=2.0, BACKSCAL=0.5, AREASCAL=0.8, BACKFILE="b.pha"
    )
    make_pha("b.pha", "COUNTS", [40, 0, 8, 12], EXPOSURE=10.0, BACKSCAL=2.0, AREASCAL=0.4)
    spectrum = only(read(source, make_rsp("c.rsp")))
    # by hand: 2 s / 10 s * 0.5 / 2 * 0.8 / 0.4
    assert spectrum.background is not None
    assert spectrum.background.scale == pytest.approx(0.1)
    assert spectrum.background.counts == pytest.approx([4.0, 0.0, 0.8, 1.2])
    assert spectrum.background.error is None
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2 == pytest.approx(np.arange(12.0).reshape(3, 4) * 0.8)


def test_a_background_of_rates_keeps_its_gaussian_error_without_sys_err(make_pha: Make) -> None:
    source = make_pha("a.pha", "COUNTS", COUNTS, EXPOSURE=4.0)
    background = make_pha(
        "a.bak", "RATE", [1.25, 2.3, 0.7, 0.1], ("STAT_ERR", "D", [0.1, 0.2, 0.1, 0.05]),
        ("SYS_ERR", "D", [0.03] * 4), HDUCLAS2="BKG", POISSERR=True, EXPOSURE=10.0,
    )  # fmt: skip
    result = only(read(background, source)).background
    assert result is not None
    assert result.counts == pytest.approx([5.0, 9.2, 2.8, 0.4])
    assert result.error == pytest.approx([0.4, 0.8, 0.4, 0.2])
    assert result.scale == 1.0


def test_a_file_named_as_background_is_one_whatever_it_says(make_pha: Make) -> None:
    source = make_pha("a.pha", "COUNTS", COUNTS, BACKFILE="/far/away/bg.pha", HDUCLAS2="TOTAL")
    background = make_pha("bg.pha", "COUNTS", [1, 1, 1, 1], HDUCLAS2="TOTAL", BACKFILE="none")
    spectrum = only(read(source, background))
    assert spectrum.background is not None
    assert spectrum.background.counts.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_files_without_detector_are_paired_by_their_stem(
    make_file: Make,
) -> None:
    paths = []
    for stem, factor in (("he", 1.0), ("me", 2.0)):
        for suffix, column in (("src", COUNTS * factor), ("bkg", [0.5 * factor] * 4)):
            columns = [("CHANNEL", "I", np.arange(4)), ("COUNTS", "E", column)]
            made = table("SPECTRUM", columns, HDUCLAS1="SPECTRUM", EXPOSURE=2.0)
            paths.append(make_file(f"{stem}.{suffix}", made, bounds()))
        rows = np.full((3, 4), factor)
        paths.append(make_file(f"{stem}.rsp", bounds(), matrix(rows, TLMIN4=0)))
    he, me = read(*paths).spectra
    for spectrum, factor in ((he, 1.0), (me, 2.0)):
        assert spectrum.background is not None
        assert spectrum.response is not None
        assert spectrum.background.counts.tolist() == [0.5 * factor] * 4
        assert spectrum.response.matrix_cm2.max() == factor
        assert "times unknown" in texts(spectrum.flags)


def test_of_grouped_and_ungrouped_twins_the_grouped_one_is_kept(make_pha: Make) -> None:
    plain = make_pha("a.pha", "COUNTS", COUNTS)
    grouped = make_pha("a_gr.pha", "COUNTS", COUNTS, ("GROUPING", "I", [1, -1, 1, -1]))
    for paths in ((plain, grouped), (grouped, plain)):
        observation = read(*paths)
        assert only(observation).grouping is not None
        assert texts(observation.flags) == ("left out: a.pha has the same counts as a_gr.pha",)


def test_row_k_goes_with_matrix_k_and_has_its_own_exposure(
    make_file: Make,
    make_rsp: Make,
) -> None:
    times = gti([(0.0, 99.0)])
    times.header["EXPOSURE"] = 332.0  # of the whole day: not the spectrum's
    pha = make_file("a.pha", type_two(3), bounds(), times, **GBM)
    spectra = read(pha, make_rsp("a.rsp", *three_matrices())).spectra
    assert [s.exposure_s for s in spectra] == pytest.approx([0.40, 0.41, 0.42])
    assert [(s.start_s, s.stop_s) for s in spectra] == [(0.0, 0.5), (1.0, 1.5), (2.0, 2.5)]
    assert [s.response.matrix_cm2[0, 0] for s in spectra if s.response] == [0.0, 1.0, 2.0]
    assert inspect_file(pha).rows == 3


def test_a_matrix_named_in_braces_wins(make_file: Make, make_rsp: Make) -> None:
    made = type_two(3, response=["/x/a.rsp{3}", "/x/a.rsp{1}", "a.rsp{2}"])
    pha = make_file("a.pha", made, bounds(), **GBM)
    make_rsp("a.rsp", *three_matrices())
    spectra = read(pha).spectra
    assert [s.response.matrix_cm2[0, 0] for s in spectra if s.response] == [2.0, 0.0, 1.0]


def test_a_single_spectrum_takes_the_matrix_nearest_in_time(
    make_pha: Make,
    make_rsp: Make,
) -> None:
    pha = make_pha("a.pha", "COUNTS", COUNTS, TSTART=1.2, TSTOP=1.6)
    spectrum = only(read(pha, make_rsp("a.rsp2", *three_matrices())))
    assert spectrum.response is not None
    assert spectrum.response.matrix_cm2[0, 0] == 1.0


def test_row_times_relative_to_the_trigger_are_understood(
    make_file: Make,
) -> None:
    times = {"TRIGTIME": 6e8, "MJDREFI": 51910, "MJDREFF": 7.42870370370e-4}
    for name, start in (("absolute.pha", 6e8 + 0.75), ("relative.pha", 0.75)):
        made = type_two(1, start=[start])
        spectrum = only(read(make_file(name, made, bounds(), **GBM, **times)))
        assert (spectrum.start_s, spectrum.stop_s) == (0.75, 1.25)


@pytest.mark.parametrize(
    ("column", "header", "sentence"),
    [
        (COUNTS, {"EXPOSURE": 0.0}, "EXPOSURE is 0: must be greater than zero"),
        ([np.nan] * 4, {}, "COUNTS has no number in any channel"),
        (COUNTS, {"BACKSCAL": -1.0}, "BACKSCAL must not be negative"),
        (COUNTS, {"BACKSCAL": 0.0}, "BACKSCAL is 0: must be greater than zero"),
        (COUNTS, {"AREASCAL": 0.0}, "AREASCAL is 0: must be greater than zero"),
        ([-1.0, 2.0, 3.0, 4.0], {"POISSERR": True}, "COUNTS is negative in 1 channels"),
        (COUNTS, {"RESPFILE": "a.rsp[#X>2]"}, "RESPFILE is 'a.rsp.#X>2.': only"),
    ],
)
def test_impossible_spectra_are_refused(
    make_pha: Make, column: Any, header: dict[str, float], sentence: str
) -> None:
    with pytest.raises(InputError, match=f"a.pha: .*{sentence}"):
        inspect_file(make_pha("a.pha", "COUNTS", column, **header))


def test_without_exposure_it_says_so(make_file: Make) -> None:
    columns = [("CHANNEL", "I", np.arange(4)), ("COUNTS", "D", COUNTS)]
    without: list[dict[str, str | float]] = [{}, {"EXPOSURE": "none"}, {"ONTIME": 3.0}]
    for number, keywords in enumerate(without):
        made = table("SPECTRUM", columns, HDUCLAS1="SPECTRUM", **keywords)
        path = make_file(f"a{number}.pha", made, **GBM)
        with pytest.raises(InputError, match="EXPOSURE is missing"):
            inspect_file(path)
    made = table("SPECTRUM", columns, HDUCLAS1="SPECTRUM", LIVETIME=3.0)
    spectrum = only(read(make_file("b.pha", made, **GBM)))
    assert spectrum.exposure_s == 3.0
    assert "EXPOSURE is missing: LIVETIME taken" in texts(spectrum.flags)


def test_a_spectrum_cannot_reach_files_elsewhere(make_pha: Make, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    secret = make_pha("secret.pha", "COUNTS", [1, 1, 1, 1])
    path = make_pha("sub/a.pha", "COUNTS", COUNTS, BACKFILE="../secret.pha")
    assert secret.exists()
    assert only(read(path)).background is None
