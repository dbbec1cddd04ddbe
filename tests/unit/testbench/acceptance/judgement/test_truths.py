import pytest

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.interval import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.result import (
    BurstTime,
    Duration,
    ModelFit,
    Parameter,
    Result,
    SpectrumFits,
    Width,
)
from testbench.acceptance.judgement.truths import (
    duration_pulls,
    spectrum_pulls,
    wrong_numbers,
)
from testbench.simulate.truth import DurationTruth, SpectrumTruth, Truth, WidthTruth

GRM_KEV = (15.0, 5000.0)


def truth(
    *, flags: tuple[str, ...] = (), counts: float = 10_000.0, background: float = 10_000.0
) -> Truth:
    t90, t50 = WidthTruth(20.0, 1.0, 21.0), WidthTruth(8.0, 4.0, 12.0)
    duration = DurationTruth(
        Instrument.GRM, ("GRD01",), GRM_KEV, t90, t50, t90, t50, counts, background
    )
    spectrum = SpectrumTruth(
        model="band",
        interval_s=(-1.0, 30.0),
        live_s=31.0,
        epeak_kev=200.0,
        alpha=-1.0,
        beta=-2.4,
        amplitude=0.05,
        flux_erg_cm2_s=1e-6,
        fluence_erg_cm2=3e-5,
        whole_fluence_erg_cm2=3e-5,
    )
    there = "no_burst" not in flags
    return Truth(
        name="made-up",
        burst_id="sb1",
        story="",
        t0_utc="",
        t0_met_s=0.0,
        durations=(duration,) if there else (),
        spectrum=spectrum if there else None,
        good_s=((-50.0, 50.0),),
        flags=flags,
        traps=(),
    )


def width(value: float | None, error: float = 0.5) -> Width:
    if value is None:
        return Width(None, None, None, None, None)
    return Width(value, error, error, 1.0, 1.0 + value)


def measured(
    t90: float | None,
    t50: float | None,
    *,
    flags: tuple[Flag, ...] = (),
    band: Interval = GRM_KEV,
    spectra: tuple[SpectrumFits, ...] = (),
) -> Result:
    duration = Duration("GRM", ("GRD01",), band, "bayesian_blocks", width(t90), width(t50), flags)
    burst = BurstTime("sb1", None, None)
    return Result(burst=burst, durations=(duration,), spectra=spectra)


def fit(
    name: str = "band", *, interval: Interval = (-1.0, 30.0), flags: tuple[Flag, ...] = ()
) -> SpectrumFits:
    parameters = {
        "epeak_kev": Parameter(210.0, 10.0, 10.0, free=True),
        "alpha": Parameter(-0.9, 0.1, 0.1, free=True),
        "beta": Parameter(-2.4, 0.1, None, free=True),
        "amplitude": Parameter(0.06, 0.01, 0.01, free=True),
    }
    model = ModelFit(name, True, 100.0, 90, parameters, (), (), flags)
    return SpectrumFits(interval, "interval", ("GRD01",), "pgstat", (model,))


def test_durations_are_compared_with_the_truth_of_their_instrument_and_band() -> None:
    pulls = {p.quantity: p for p in duration_pulls(truth(), measured(20.5, 7.5))}

    assert pulls["T90"].pull == pytest.approx(1.0)
    assert pulls["T50"].pull == pytest.approx(-1.0)
    assert not list(duration_pulls(truth(), measured(20.5, 7.5, band=(15.0, 50.0))))


def test_durations_of_cut_data_are_not_counted() -> None:
    assert not list(duration_pulls(truth(flags=("truncated",)), measured(12.0, 6.0)))


def test_parameters_are_compared_with_the_simulated_ones() -> None:
    result = measured(20.0, 8.0, spectra=(fit(),))

    pulls = {p.quantity: p.pull for p in spectrum_pulls(truth(), result)}

    assert pulls == pytest.approx({"epeak_kev": 1.0, "alpha": 1.0, "amplitude": 1.0})


def test_the_amplitude_is_known_over_the_simulated_interval_only() -> None:
    result = measured(20.0, 8.0, spectra=(fit(interval=(0.0, 10.0)),))

    assert "amplitude" not in {p.quantity for p in spectrum_pulls(truth(), result)}


def test_a_model_of_other_parameters_is_not_compared() -> None:
    assert not list(spectrum_pulls(truth(), measured(20.0, 8.0, spectra=(fit("sbpl"),))))


def test_numbers_where_there_is_no_burst_are_found() -> None:
    empty = truth(flags=("no_burst",))

    assert not wrong_numbers(empty, measured(None, None, flags=(Flag(FlagCode.NO_EXCESS),)))
    assert wrong_numbers(empty, measured(3.0, 1.0))
    assert wrong_numbers(empty, measured(None, None, spectra=(fit(),)))
    assert not wrong_numbers(
        empty, measured(None, None, spectra=(fit(flags=(Flag(FlagCode.FAINT),)),))
    )


def test_a_bright_burst_without_a_number_is_found_a_faint_one_is_allowed_to_have_none() -> None:
    nothing = measured(None, None, flags=(Flag(FlagCode.NO_EXCESS),))

    assert wrong_numbers(truth(), nothing)
    assert not wrong_numbers(truth(counts=300.0), nothing)


def test_null_needs_a_flag() -> None:
    faint = truth(counts=300.0)

    assert any("without a flag" in text for text in wrong_numbers(faint, measured(None, 1)))


def test_cut_data_need_a_flag() -> None:
    cut = truth(flags=("gap",))

    assert any("gap" in text for text in wrong_numbers(cut, measured(20.0, 8.0)))
    assert not wrong_numbers(cut, measured(20.0, 8.0, flags=(Flag(FlagCode.GAP),)))
