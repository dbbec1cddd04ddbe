from collections.abc import Iterable

import numpy as np
import pytest

from testbench.acceptance.judgement.statistics import FAR, Pull, counts_of, judge


def pulls(
    sizes: Iterable[float], *, quantity: str = "T90", flags: tuple[str, ...] = ()
) -> tuple[Pull, ...]:
    return tuple(
        Pull(
            burst_id="sb1",
            quantity=quantity,
            measured=10.0 + size * 0.5,
            err_minus=0.5,
            err_plus=0.5,
            true=10.0,
            flags=flags,
        )
        for size in sizes
    )


def test_the_error_that_points_to_the_truth_counts() -> None:
    above = Pull("sb1", "T90", 12.0, 1.0, 4.0, 10.0)
    below = Pull("sb1", "T90", 8.0, 1.0, 4.0, 10.0)

    assert above.pull == pytest.approx(2.0)
    assert below.pull == pytest.approx(-0.5)


def test_probabilities_are_those_of_counting_by_hand() -> None:
    # two of two inside 1 sigma: as many has 0.6827^2; none of two: as few has (1 - 0.6827)^2
    both = next(iter(counts_of(pulls([0.1, -0.2]))))
    none = next(iter(counts_of(pulls([1.5, -1.5]))))

    assert both.as_many == pytest.approx(0.682689**2, rel=1e-5)
    assert none.as_few == pytest.approx((1 - 0.682689) ** 2, rel=1e-5)


def test_right_errors_are_hardly_ever_called_wrong() -> None:
    rng = np.random.default_rng(1)
    wrong = sum(bool(judge(pulls(rng.normal(size=15)))) for _ in range(400))

    assert wrong <= 4  # at most a few of the 0.1 % tails


@pytest.mark.parametrize("scale", [3.0, 0.15], ids=["far too small errors", "far too large errors"])
def test_wrong_errors_are_found(scale: float) -> None:
    rng = np.random.default_rng(2)

    assert judge(pulls(scale * rng.normal(size=30)))


def test_each_quantity_is_judged_separately() -> None:
    good, bad = pulls([0.3] * 5, quantity="T90"), pulls([3.5] * 5, quantity="alpha")

    assert all(text.startswith("alpha") for text in judge((*good, *bad)))


def test_a_far_value_is_allowed_only_with_a_flag() -> None:
    near = pulls([0.5, -0.5, 1.2, 0.1, -0.8, 0.2])

    assert any("no flag" in text for text in judge((*near, *pulls([FAR + 1]))))
    assert not judge((*near, *pulls([FAR + 1], flags=("truncated",))))


def test_an_error_of_zero_is_infinitely_far() -> None:
    assert judge((Pull("sb1", "T90", 11.0, 0.0, 0.0, 10.0),))
