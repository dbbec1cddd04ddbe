"""The factors of matrices with five diagonals are those of numpy."""

import numpy as np
import pytest

from eclgrmd.analysis.character.kernels.pentadiagonal import (
    factorised,
    lower_solved,
    upper_solved,
)


@pytest.mark.parametrize("size", [2, 3, 40])
def test_factor_and_solutions_are_those_of_the_full_matrix(size: int) -> None:
    rng = np.random.default_rng(size)
    full = np.zeros((size, size))
    for shift in (0, 1, 2):
        values = rng.normal(0.0, 1.0, max(size - shift, 0))
        full += np.diag(values, -shift) + np.diag(values, shift)
    full += 10.0 * np.eye(size)
    diagonals = [np.concatenate([np.zeros(min(k, size)), np.diag(full, -k)]) for k in (0, 1, 2)]
    factor = factorised(*diagonals)
    lower = np.linalg.cholesky(full)
    for shift, found in enumerate(factor):
        assert found[shift:] == pytest.approx(np.diag(lower, -shift))
    right = rng.normal(0.0, 1.0, size)
    assert lower_solved(*factor, right) == pytest.approx(np.linalg.solve(lower, right))
    assert upper_solved(*factor, right) == pytest.approx(np.linalg.solve(lower.T, right))
