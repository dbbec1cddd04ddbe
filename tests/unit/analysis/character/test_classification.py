import numpy as np
import pytest

from eclgrmd.analysis.character.classification import POPULATION, classify, probability_short
from eclgrmd.model.flags import texts
from eclgrmd.model.measurement import Measurement
from tests.support.present import present


def exact(value: float) -> Measurement:
    return Measurement(value, 0.0, 0.0)


def test_both_classes_are_equally_probable_where_the_gbm_catalogue_has_them() -> None:
    durations = np.geomspace(1.0, 20.0, 2000)
    probability = np.array([probability_short(exact(float(t)), None) for t in durations])
    assert durations[np.argmin(np.abs(probability - 0.5))] == pytest.approx(4.2, abs=0.3)


def test_as_many_bursts_last_under_2_s_as_in_the_gbm_catalogue() -> None:
    rng = np.random.default_rng(1)
    short = rng.random(100_000) < POPULATION[0].weight
    log_t90 = np.where(
        short,
        rng.normal(POPULATION[0].log_t90, POPULATION[0].log_t90_spread, 100_000),
        rng.normal(POPULATION[1].log_t90, POPULATION[1].log_t90_spread, 100_000),
    )
    assert np.mean(log_t90 < np.log10(2.0)) == pytest.approx(0.17, abs=0.01)


def test_the_probability_is_the_fraction_of_short_bursts_among_like_ones() -> None:
    rng = np.random.default_rng(2)
    number = 400_000
    short = rng.random(number) < POPULATION[0].weight
    log_t90, log_hardness = (
        np.where(short, rng.normal(*a, number), rng.normal(*b, number))
        for a, b in (
            [(c.log_t90, c.log_t90_spread) for c in POPULATION],
            [(c.log_hardness, c.log_hardness_spread) for c in POPULATION],
        )
    )
    for t90, hardness in ((3.0, 5.0), (6.0, 2.0)):
        like = np.abs(log_t90 - np.log10(t90)) < 0.05
        like &= np.abs(log_hardness - np.log10(hardness)) < 0.05
        found = probability_short(exact(t90), exact(hardness))
        assert found == pytest.approx(short[like].mean(), abs=0.06)


@pytest.mark.parametrize(
    ("t90", "name"), [(0.3, "short"), (1.0, "short"), (4.0, "unsure"), (25.0, "long")]
)
def test_the_name_follows_the_stated_rule(t90: float, name: str) -> None:
    found = classify(exact(t90))
    assert found is not None
    assert found.name == name


def test_a_wide_error_makes_a_burst_unsure() -> None:
    sharp, vague = classify(exact(1.5)), classify(Measurement(1.5, 1.4, 6.0))
    assert sharp is not None
    assert vague is not None
    assert present(vague.probability_short) < present(sharp.probability_short)


def test_a_truncated_burst_is_not_called_short() -> None:
    found = classify(exact(0.3), truncated=True)
    assert found is not None
    assert (found.name, texts(found.flags)) == ("unsure", ("T90 is a lower limit",))


def test_without_a_duration_there_is_no_class() -> None:
    assert classify(Measurement(None, None, None)) is None
