"""Shares of the variance, of models whose indices are known."""

import numpy as np
import pytest

from eclgrmd.studies.spread.shares import first_order_shares

RNG = np.random.default_rng(1)


def test_a_linear_model_has_the_shares_of_its_terms() -> None:
    answers = RNG.integers(0, 4, (3, 2000))
    values = 3.0 * answers[0] + 1.0 * answers[1]
    assert first_order_shares(values, answers.tolist()) == pytest.approx([0.9, 0.1, 0.0], abs=0.02)


def test_noise_gives_no_share_to_a_question_of_many_answers() -> None:
    answers = RNG.integers(0, 20, (1, 100))
    repeated = [first_order_shares(RNG.normal(size=100), answers.tolist())[0] for _ in range(50)]
    assert np.mean(repeated) < 0.05


def test_an_interaction_alone_is_no_first_order_share() -> None:
    first, second = RNG.integers(0, 2, (2, 4000))
    values = np.where(first == second, 1.0, -1.0)
    assert first_order_shares(values, [first.tolist(), second.tolist()]) == pytest.approx(
        [0.0, 0.0], abs=0.01
    )


def test_what_never_varies_has_no_share() -> None:
    assert first_order_shares(np.ones(5), [[0, 1, 0, 1, 0]]) == [0.0]
    assert first_order_shares(np.arange(5.0), [[0] * 5]) == [0.0]
