import numpy as np
import pytest
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.blocks import (
    Segmentation,
    segment_counts,
    segment_values,
)
from tests.unit.analysis.temporal import naive

Floats = NDArray[np.float64]


def random_cells(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return counts and exposures with empty cells, ties, jumps and very small exposures."""
    cells, levels = int(rng.integers(1, 60)), int(rng.integers(1, 5))
    rate = np.repeat(rng.choice([0.0, 0.5, 2.0, 5.0, 50.0], levels), -(-cells // levels))[:cells]
    exposure = rng.choice([0.1, 1.0, 1.0, 3.0], cells)
    if rng.random() < 0.5:
        exposure = rng.exponential(1.0, cells) + 1e-9
    counts = rng.poisson(rate * exposure).astype(float)
    if rng.random() < 0.2:
        counts = np.ones(cells)
    return counts, exposure


@pytest.mark.parametrize("seed", range(4))
def test_poisson_blocks_are_those_of_the_plain_dynamic_programme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(550):
        counts, exposure = random_cells(rng)
        prior = rng.uniform(0.5, 8.0)
        expected, _ = naive.partition(counts, exposure, prior)
        assert segment_counts(counts, exposure, prior).tolist() == expected


def test_gaussian_blocks_are_those_of_the_plain_dynamic_programme() -> None:
    rng = np.random.default_rng(5)
    for _ in range(500):
        counts, _ = random_cells(rng)
        error = rng.uniform(0.5, 2.0, len(counts))
        values = counts - 2.0 + rng.normal(0.0, error)
        prior, weight = rng.uniform(0.5, 8.0), 1.0 / error**2
        expected, _ = naive.partition(values * weight, weight, prior, naive.gaussian_cost)
        assert segment_values(values, error, prior).tolist() == expected


def test_cells_appended_piecemeal_give_the_blocks_of_the_whole() -> None:
    rng = np.random.default_rng(6)
    counts, exposure = rng.poisson(np.repeat([3.0, 9.0, 3.0, 30.0], 50)), np.full(200, 1.0)
    growing = Segmentation(4.0)
    for k in range(0, 200, 7):
        growing.append(counts[k : k + 7].astype(float), exposure[k : k + 7])
        whole = segment_counts(counts[: k + 7], exposure[: k + 7], 4.0)
        assert growing.starts.tolist() == whole.tolist()


def test_few_candidates_stay_alive_on_a_burst() -> None:
    rng = np.random.default_rng(7)
    time = np.arange(20_000)
    counts = rng.poisson(5.0 + 40.0 * np.exp(-np.abs(time - 9_000) / 700.0)).astype(float)
    segmentation = Segmentation(8.0)
    segmentation.append(counts, np.ones(20_000))
    assert segmentation.candidates < 40


def test_a_cell_without_exposure_is_refused() -> None:
    with pytest.raises(ValueError, match="positive weight"):
        segment_counts([1.0, 2.0], [1.0, 0.0], 4.0)
