"""Ready-made spectra: fitted energies, area constants of several missions, left-out channels."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.analysis.spectral.spectra.selection import used_channels
from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import (
    SpectralChoice,
    TaskConfiguration,
    check_configuration,
)
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import Background, Channels, Spectrum
from tests.support.bursts.toy_spectra import simulate, toy_response
from tests.support.present import present

WHOLE = SpectrumInterval(0.0, 10.0, "file")


def channels_of(*edges: float) -> Spectrum:
    kev = np.array(edges)
    channels = Channels(np.arange(len(kev) - 1), kev[:-1], kev[1:])
    counts = np.ones(len(kev) - 1)
    return Spectrum(Instrument.OTHER, "x", 0.0, 1.0, counts, 1.0, None, None, channels)


@pytest.mark.parametrize(
    ("instrument", "detector", "edges", "used"),
    [
        (Instrument.GBM, "n3", (4, 7, 9, 880, 920, 2000), [False, True, True, True, False]),
        (Instrument.GBM, "b0", (100, 240, 260, 39e3, 41e3, 5e4), [False, True, True, True, False]),
        (Instrument.BAT, "BAT", (0, 10, 15, 150, 195, 6554), [False, False, True, False, False]),
        (Instrument.GRM, "GRD01", (10, 15, 20, 5000, 6000), [False, True, True, False]),
        (Instrument.ECLAIRS, "ECL", (2, 4, 120, 150, 200), [False, True, True, False]),
        (Instrument.KONUS, "S2", (10, 20, 15e3, 2e4, 3e4), [False, True, True, False]),
        (Instrument.OTHER, "MXGS-HED", (398, 501, 631, 15e3, 2e4), [False, True, True, False]),
        (Instrument.OTHER, "x", (0, 10, 1e6), [True, True]),
    ],
)
def test_ready_made_spectra_have_a_range_by_instrument(
    instrument: Instrument, detector: str, edges: tuple[float, ...], used: list[bool]
) -> None:
    spectrum = replace(channels_of(*edges), instrument=instrument, detector=detector)
    assert used_channels(spectrum, {}, ready_made=True).tolist() == used
    own = {detector: (0.0, 1e9)}
    assert used_channels(spectrum, own, ready_made=True).all()


@pytest.mark.parametrize(("n", "overflow"), [(8, True), (128, True), (16, False)])
def test_the_overflow_of_gbm_is_never_fitted(n: int, overflow: bool) -> None:
    spectrum = replace(
        channels_of(*np.geomspace(300.0, 30_000.0, n + 1)),
        instrument=Instrument.GBM,
        detector="b0",
    )
    used = used_channels(spectrum, {}, ready_made=True)
    assert used[:-1].all()
    assert used[-1] != overflow


def of_missions(*missions: tuple[str, str, float]) -> list[Spectrum]:
    rng = np.random.default_rng(3)
    spectra = []
    for detector, mission, factor in missions:
        made = simulate(rng, toy_response(detector, area_cm2=100.0 * factor), exposure_s=50.0)
        told = toy_response(detector, area_cm2=100.0)
        spectra.append(replace(made, detector=detector, mission=mission, response=told))
    return [replace(s, instrument=Instrument.OTHER, stop_s=10.0) for s in spectra]


def areas(
    spectra: Sequence[Spectrum],
    *,
    area_correction: bool | None = None,
    area_groups: tuple[tuple[str, ...], ...] = (),
) -> tuple[IntervalFits, dict[str, float]]:
    choice = SpectralChoice(
        models=("band",),
        goodness_spectra=0,
        area_correction=area_correction,
        area_groups=area_groups,
    )
    found = fit_spectra(spectra, WHOLE, choice)
    return found, {name: present(a.value) for name, a in found.models[0].area.items()}


THREE = (("a1", "A", 1.0), ("a2", "A", 1.0), ("b1", "B", 0.7), ("b2", "B", 0.7), ("c1", "C", 1.4))


def test_missions_have_free_area_constants_by_default() -> None:
    found, area = areas(of_missions(*THREE))
    assert found.area_groups == (("a1", "a2"), ("b1", "b2"), ("c1",))
    assert "area constants of missions free" in texts(found.flags)
    assert area["a1"] == area["a2"] == 1.0
    assert area["b1"] == area["b2"] == pytest.approx(0.7, rel=0.05)
    assert area["c1"] == pytest.approx(1.4, rel=0.05)
    channels = sum(u.sum() for u in found.used)
    assert found.models[0].dof == channels - 4 - 2


def test_one_mission_has_no_area_constants_by_default() -> None:
    spectra = of_missions(("a1", "A", 1.0), ("a2", "A", 0.7), ("x", "", 1.0))
    found, area = areas(spectra)
    assert found.area_groups == ()
    assert set(area.values()) == {1.0}
    assert not any("area" in flag for flag in texts(found.flags))


@pytest.mark.parametrize(
    ("free", "ties", "groups"),
    [
        (False, (), ()),
        (True, (), (("a1",), ("a2",), ("b1",), ("b2",), ("c1",))),
        (None, (("b1", "C"),), (("a1", "a2"), ("b1", "c1"), ("b2",))),
        (None, (("a2", "b1", "b2"),), (("a1",), ("a2", "b1", "b2"), ("c1",))),
        (None, (("A", "B", "C"),), ()),
    ],
)
def test_ties_between_area_constants_can_be_asked_for(
    free: bool | None, ties: tuple[tuple[str, ...], ...], groups: tuple[tuple[str, ...], ...]
) -> None:
    found, area = areas(of_missions(*THREE), area_correction=free, area_groups=ties)
    assert found.area_groups == groups
    for names in groups:
        assert len({area[name] for name in names}) == 1
    assert "area constants of missions free" not in texts(found.flags)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (SpectralChoice(area_groups=(("n3",),), area_correction=False), "needs free constants"),
        (SpectralChoice(area_groups=(("n3", "n4"), ("n3",))), "has n3 again"),
    ],
)
def test_ties_that_contradict_are_refused(choice: SpectralChoice, sentence: str) -> None:
    with pytest.raises(InputError, match=f"area_groups.*{sentence}"):
        check_configuration(TaskConfiguration(spectral=choice))


def test_channels_whose_error_is_zero_are_left_out_of_chi_square() -> None:
    spectrum = simulate(np.random.default_rng(4), toy_response("x"))
    error = np.sqrt(np.maximum(spectrum.counts, 1.0))
    error[[3, 7]] = 0.0
    spectrum = replace(
        spectrum, instrument=Instrument.OTHER, detector="x", error=error, background=None
    )
    choice = SpectralChoice(models=("band",), goodness_spectra=0)
    found = fit_spectra([spectrum], WHOLE, choice)
    assert np.flatnonzero(~found.used[0]).tolist() == [3, 7]
    assert found.models[0].dof == len(error) - 2 - 4
    assert "x: 2 channels left out: no error" in texts(found.flags)


def test_channels_that_the_response_never_fills_are_left_out() -> None:
    spectrum = simulate(np.random.default_rng(6), toy_response("x"))
    response = present(spectrum.response)
    matrix = response.matrix_cm2.copy()
    matrix[:, 5] = 0.0
    response = replace(response, matrix_cm2=matrix)
    spectrum = replace(spectrum, instrument=Instrument.OTHER, detector="x", response=response)
    found = fit_spectra([spectrum], WHOLE, SpectralChoice(models=("band",), goodness_spectra=20))
    assert np.flatnonzero(~found.used[0]).tolist() == [5]
    assert "x: 1 channels left out: the response has nothing in them" in texts(found.flags)
    assert found.preferred == "band"


def test_a_spectrum_without_counts_is_no_poor_fit() -> None:
    spectrum = simulate(np.random.default_rng(6), toy_response("x"))
    empty = np.zeros(len(spectrum.counts))
    spectrum = replace(spectrum, counts=empty, background=Background(empty, None))
    found = fit_spectra([spectrum], WHOLE, SpectralChoice(models=("pl",), goodness_spectra=20))
    assert "no significant signal" in texts(found.models[0].flags)
    assert not found.models[0].poor_fit


def test_a_spectrum_from_zero_kev_can_be_fitted() -> None:
    spectrum = simulate(np.random.default_rng(5), toy_response("x"))
    response, channels = present(spectrum.response), present(spectrum.channels)
    low = np.append(0.0, channels.e_min_kev[1:])
    channels = Channels(channels.number, low, channels.e_max_kev)
    spectrum = replace(
        spectrum,
        instrument=Instrument.OTHER,
        channels=channels,
        response=replace(response, channels=channels),
    )
    (fit,) = fit_spectra([spectrum], WHOLE, SpectralChoice(models=("band",))).models
    assert fit.nufnu is not None
    assert 0.0 < fit.nufnu.energy_kev[0] <= channels.e_max_kev[0]


@pytest.mark.data
def test_three_missions_together_agree_with_the_published_fit(shared_data: Path) -> None:
    """GRB 181222B: the saved XSPEC session has chi-square 264.86 for 204 dof, other channels."""
    folder = shared_data / "konus-gbm-asim" / "GRB181222B" / "Interval1"
    names = ("KW_1_sp1_5_gr20", "KW_2_sp1_5_gr20", "HED_GRB181222B_sp1_5_gr20")
    gbm = ("FERMI_GRB181222B_n4_sp1_5_gr20", "FERMI_GRB181222B_b0_sp1_5_gr20")
    files = [folder / f"{name}.pha" for name in (*names, *gbm)]
    spectra = read_observation(files, burst_id=BurstId("b")).spectra
    choice = SpectralChoice(models=("band",), goodness_spectra=0)
    found = fit_spectra(spectra, SpectrumInterval(0.0, 0.512, "file"), choice)
    (fit,) = found.models
    assert {tuple(sorted(names)) for names in found.area_groups} == {
        ("S2-PHA1", "S2-PHA2"), ("b0", "n4"), ("MXGS-HED",)
    }  # fmt: skip
    assert present(fit.statistic_value) / fit.dof < 1.5
    values = {name: p.value for name, p in fit.parameters.items()}
    assert values["alpha"] == pytest.approx(-0.538, abs=0.03)
    assert values["beta"] == pytest.approx(-3.08, abs=0.12)
    assert values["epeak_kev"] == pytest.approx(365.0, abs=12.0)
    assert fit.area["n4"].value == pytest.approx(1.131, abs=0.04)
    assert fit.area["MXGS-HED"].value == pytest.approx(0.850, abs=0.08)
