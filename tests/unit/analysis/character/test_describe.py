import importlib
from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.character import describe
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import LightCurve, Observation
from eclgrmd.model.result import Character
from eclgrmd.products.result.encoding import published
from tests.support.present import present
from tests.unit.analysis.character.simulated_curves import centres, edges, norris, observation

CONFIGURATION = TaskConfiguration()
door = importlib.import_module("eclgrmd.analysis.character.describe")
LAG_S = 0.4
PEAK_S = 1.0


def hard(time: np.ndarray) -> np.ndarray:
    return 600.0 * norris(time, 0.0, 0.5, 2.0)


def soft(time: np.ndarray) -> np.ndarray:
    return 300.0 * norris(time, LAG_S, 0.5, 2.0)


def character_of(of: Observation) -> Character:
    found = describe(of, measure(of, CONFIGURATION).durations[0], CONFIGURATION)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def character() -> Character:
    return character_of(observation(soft, hard))


def test_every_detector_has_its_significance(character: Character) -> None:
    assert [s.detector for s in character.significances] == ["GRD01", "GRD02", "GRD03"]
    assert all(present(s.best_sigma) >= present(s.sigma) > 20.0 for s in character.significances)


def test_peak_rates_are_those_put_in(character: Character) -> None:
    time = np.linspace(0.0, 10.0, 10_000)
    true = 3.0 * float(np.max(hard(time) + soft(time)))
    for peak in character.peak_rates:
        assert peak.rate_counts_per_s.value is not None
        assert peak.bias_counts_per_s is not None
        assert peak.rate_counts_per_s.err_plus is not None
        assert peak.rate_counts_per_s.value - peak.bias_counts_per_s == pytest.approx(
            true, abs=4.0 * peak.rate_counts_per_s.err_plus
        )
        assert peak.interval_s is not None
        assert peak.interval_s[0] == pytest.approx(PEAK_S, abs=1.0)


def test_hardness_and_lag_are_those_put_in(character: Character) -> None:
    assert character.hardness is not None
    ratio = character.hardness.ratio
    assert ratio.value is not None
    assert ratio.err_plus is not None
    assert ratio.value == pytest.approx(2.0, abs=3.5 * ratio.err_plus)
    assert character.lag is not None
    lag = character.lag.lag_s
    assert lag.value is not None
    assert lag.err_plus is not None
    assert lag.value == pytest.approx(LAG_S, abs=3.5 * lag.err_plus)


def test_a_smooth_pulse_of_seconds_is_long_and_single(character: Character) -> None:
    assert character.classification is not None
    assert present(character.classification.probability_short) < 0.5
    assert character.morphology is not None
    assert character.morphology.name == "single pulse"
    assert character.variability is not None
    assert character.variability.scale_s.value is not None
    assert 0.5 < character.variability.scale_s.value < 6.0


def test_the_same_seed_gives_the_same_character_in_plain_numbers(
    character: Character,
) -> None:
    assert character_of(observation(soft, hard)) == character
    written = published(character, Character)
    assert published(written, Character) == written
    assert written.interval_s == character.interval_s
    assert texts(written.flags) == texts(character.flags)


def test_without_a_burst_there_is_no_character() -> None:
    of = observation(np.zeros_like, np.zeros_like)
    measured = measure(of, CONFIGURATION).durations[0]
    assert "no significant excess" in texts(measured.flags)
    assert describe(of, measured, CONFIGURATION) is None


def banded(low: float, high: float, pulse: float, seed: int) -> LightCurve:
    """Return a mask-weighted light curve: background-subtracted, with Gaussian errors."""
    at = edges(-60.0, 100.0, 0.064)
    noise = np.random.default_rng(seed).normal(0.0, 0.2, len(at) - 1)
    counts = pulse * norris(centres(at), 0.0, 0.5, 2.0) + noise
    return LightCurve(
        Instrument.BAT,
        ("BAT",),
        (low, high),
        at[:-1],
        at[1:],
        counts,
        np.diff(at),
        np.full(len(counts), 0.2),
        background_subtracted=True,
    )


def test_light_curves_in_bands_are_compared_too() -> None:
    curves = (banded(25.0, 50.0, 2.0, 1), banded(50.0, 100.0, 3.0, 2))
    found = character_of(Observation(BurstId("x"), "", 0.0, light_curves=curves))
    assert found.hardness is not None
    assert found.hardness.ratio.value == pytest.approx(1.5, rel=0.1)
    assert found.lag is not None
    assert found.lag.lag_s.value == pytest.approx(0.0, abs=0.2)
    assert [s.detector for s in found.significances] == ["BAT"]


def test_events_without_energies_have_no_hardness() -> None:
    of = observation(soft, hard)
    blind = replace(of, events=tuple(replace(e, channels=None) for e in of.events))
    found = character_of(blind)
    assert found.hardness is None
    assert len(found.significances) == 3
    assert "no data in the soft or the hard band" in texts(found.flags)


def test_a_quantity_that_fails_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, character: Character
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no counts at all")

    monkeypatch.setattr(door, "variability_scale", fail)
    monkeypatch.setattr(door, "peak_rate", fail)
    found = character_of(observation(soft, hard))
    assert found.variability is None
    assert found.peak_rates == ()
    assert set(texts(found.flags)) >= {
        "no variability: no counts at all",
        "no peak rates: no counts at all",
    }
    assert (found.lag, found.hardness) == (character.lag, character.hardness)
    assert found.morphology == character.morphology
