import numpy as np
import pytest
from scipy.optimize import minimize

from eclgrmd.analysis.temporal.background.fit import fit_background
from eclgrmd.analysis.temporal.background.polynomial import design_matrix
from eclgrmd.analysis.temporal.kernels.likelihood import fit_channels
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument

START = np.arange(-50.0, 150.0)
STOP = START + 1.0
LIVE = np.full(200, 0.97)
FREE = np.array([[-50.0, -5.0], [60.0, 150.0]])


def true_counts() -> np.ndarray:
    """Return the expected counts of a drifting channel and of a constant faint one."""
    x = (START + 0.5) / 100.0
    return np.column_stack([60.0 + 10.0 * x - 6.0 * x**2, np.full(200, 2.5)]) * LIVE[:, None]


def test_a_bin_is_the_integral_of_the_polynomial_over_it() -> None:
    design = design_matrix(
        np.array([1.0]), np.array([3.0]), np.array([2.0]), order=2, origin_s=0.0, unit_s=1.0
    )
    assert design[0] == pytest.approx([2.0, 4.0, 26.0 / 3.0])


def test_coefficients_maximise_the_poisson_likelihood() -> None:
    counts = np.random.default_rng(1).poisson(true_counts()).astype(float)
    fit = fit_background(Instrument.GRM, "GRD01", START, STOP, counts, LIVE, FREE, order=2)
    inside = ((START >= -50) & (STOP <= -5)) | (START >= 60)
    design = fit.design(START[inside], STOP[inside], LIVE[inside])

    def minus_log_likelihood(coefficients: np.ndarray) -> float:
        expected = np.maximum(design @ coefficients, 1e-9)
        return float(np.sum(expected - counts[inside, 0] * np.log(expected)))

    start = np.array([counts[inside, 0].mean(), 0.0, 0.0])
    best = minimize(
        minus_log_likelihood,
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 5000},
    )
    assert fit.coefficients[0] == pytest.approx(best.x, abs=2e-3)


def test_predictions_scatter_about_the_truth_as_their_errors_say() -> None:
    rng = np.random.default_rng(2)
    burst = (START >= 0) & (STOP <= 40)
    truth = true_counts()[burst].sum(axis=0)
    pulls = []
    for _ in range(200):
        counts = rng.poisson(true_counts()).astype(float)
        fit = fit_background(Instrument.GRM, "GRD01", START, STOP, counts, LIVE, FREE, order=2)
        total, error = fit.total(START[burst], STOP[burst], LIVE[burst])
        pulls.append((total - truth) / error)
    assert np.std(pulls, axis=0) == pytest.approx([1.0, 1.0], abs=0.15)
    assert np.mean(pulls, axis=0) == pytest.approx([0.0, 0.0], abs=0.3)


def test_the_order_is_as_low_as_the_data_allow_and_as_high_as_they_need() -> None:
    rng = np.random.default_rng(3)
    flat = rng.poisson(100.0, (200, 1)).astype(float)
    curved = rng.poisson(100.0 + 0.01 * (START[:, None] - 50.0) ** 2).astype(float)
    orders = [
        fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE).order
        for counts in (flat, curved)
    ]
    assert orders == [0, 2]


def test_without_an_order_the_fit_is_the_average_over_all_of_them() -> None:
    counts = np.random.default_rng(5).poisson(true_counts()).astype(float)
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
    each = [
        fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE, order=order)
        for order in range(5)
    ]
    bins = each[0].dof + 1
    bic = np.array([one.statistic_sum + (k + 1) * np.log(bins) for k, one in enumerate(each)])
    chances = np.exp(-0.5 * (bic - bic.min()))
    chances[chances < 0.02 * chances.sum()] = 0.0
    chances /= chances.sum()
    assert np.count_nonzero(chances) > 1
    assert fit.chances == pytest.approx(chances, abs=1e-9)
    assert fit.order == np.argmax(chances)
    means = np.array([one.counts(START, STOP, LIVE) for one in each])
    errors = np.array([one.errors(START, STOP, LIVE) for one in each])
    mean = np.tensordot(chances, means, axes=1)
    variance = np.tensordot(chances, errors**2 + (means - mean) ** 2, axes=1)
    assert fit.counts(START, STOP, LIVE) == pytest.approx(mean)
    assert fit.errors(START, STOP, LIVE) == pytest.approx(np.sqrt(variance))


@pytest.mark.parametrize("total", [1, 5, 12, 25, 45])
def test_few_counts_allow_only_the_orders_that_they_determine(total: int) -> None:
    counts = np.zeros((200, 1))
    counts[np.linspace(0, 44, total).astype(int), 0] += 1.0
    counts[120, 0] += 1.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
    assert fit.chances is not None
    assert np.count_nonzero(fit.chances) <= max(1, (total + 1) // 10)
    modes = fit.modes(START, STOP, LIVE)
    assert np.sqrt((modes**2).sum(axis=0)) == pytest.approx(fit.errors(START, STOP, LIVE)[:, 0])


def test_a_given_order_that_the_counts_do_not_determine_varies_in_the_lower_orders() -> None:
    counts = np.zeros((200, 1))
    counts[[3, 20, 130], 0] = 1.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE, order=3)
    modes = fit.modes(START, STOP, LIVE)
    assert np.sqrt((modes**2).sum(axis=0)) == pytest.approx(fit.errors(START, STOP, LIVE)[:, 0])


def test_no_order_swings_freely_between_short_intervals_far_apart() -> None:
    counts = np.random.default_rng(6).poisson(np.full((200, 1), 100.0)).astype(float)
    wide = np.array([[-50.0, 20.0], [60.0, 150.0]])
    narrow = np.array([[-50.0, -40.0], [130.0, 150.0]])
    well, badly = (
        fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, intervals)
        for intervals in (wide, narrow)
    )
    assert well.chances is not None
    assert badly.chances is not None
    assert (len(well.chances), len(badly.chances)) == (5, 2)
    held = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, narrow, order=4)
    middle = slice(90, 100)
    free = held.errors(START, STOP, LIVE)[middle].max()
    assert free > 10.0 * badly.errors(START, STOP, LIVE)[middle].max()


def test_an_interval_without_data_holds_no_side() -> None:
    counts = np.full((200, 1), 100.0)
    beyond = np.array([[-90.0, -60.0], [60.0, 150.0]])
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, beyond)
    assert "background on one side" in texts(fit.flags)
    assert fit.chances is not None
    assert len(fit.chances) == 2


def test_channels_add_up_to_the_fit_of_their_sum() -> None:
    counts = np.random.default_rng(4).poisson(true_counts()).astype(float)
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE, order=1)
    both = fit.summed()
    assert both.counts(START, STOP, LIVE)[:, 0] == pytest.approx(
        fit.counts(START, STOP, LIVE).sum(axis=1)
    )
    assert both.covariance[0] == pytest.approx(fit.covariance.sum(axis=0))


def test_an_empty_channel_has_no_rate_but_an_error() -> None:
    fit = fit_background(Instrument.GRM, "a", START, STOP, np.zeros((200, 1)), LIVE, FREE)
    counts, error = fit.total(START, STOP, LIVE)
    assert counts[0] == 0.0
    assert error[0] > 0.0


def test_a_burst_inside_the_intervals_makes_the_fit_poor() -> None:
    counts = np.full((200, 1), 100.0)
    counts[120:125] += 400.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
    assert "background fit poor" in texts(fit.flags)


def test_one_interval_is_flagged() -> None:
    counts = np.full((200, 1), 100.0)
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE[:1])
    assert "background on one side" in texts(fit.flags)


def test_intervals_without_data_are_refused() -> None:
    with pytest.raises(PermanentError, match="no data inside"):
        fit_background(
            Instrument.GRM, "a", START, STOP, np.ones((200, 1)), LIVE, np.array([[300.0, 400.0]])
        )


@pytest.mark.parametrize("poisson", [True, False])
def test_coefficients_that_the_bins_do_not_determine_are_left_out(poisson: bool) -> None:
    live = np.full(12, 2.0)
    x = np.repeat([-1.0, 1.0], 6)  # two distinct times: no curvature
    design = live[:, None] * np.power.outer(x, np.arange(3))
    counts = np.where(x < 0.0, 40.0, 60.0)[None]
    coefficients, covariance, statistic = fit_channels(design, counts, counts, poisson)
    assert coefficients[0] == pytest.approx([25.0, 5.0, 0.0])
    assert covariance[0, 2].tolist() == [0.0, 0.0, 0.0]
    of_side = np.array([240.0, 360.0]) / 12.0**2  # counts and live time on either side
    assert np.diag(covariance[0])[:2] == pytest.approx(of_side.sum() / 4.0)
    assert statistic[0] == pytest.approx(0.0, abs=1e-9)
