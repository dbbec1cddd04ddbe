import numpy as np
import pytest
from scipy.optimize import minimize

from eclgrmd.analysis.temporal.background.basis import ROUGHNESS
from eclgrmd.analysis.temporal.background.fit import fit_background
from eclgrmd.analysis.temporal.background.spline import design_matrix
from eclgrmd.analysis.temporal.kernels.likelihood import fit_channels
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats

START = np.arange(-50.0, 150.0)
STOP = START + 1.0
LIVE = np.full(200, 0.97)
FREE = np.array([[-50.0, -5.0], [60.0, 150.0]])


def true_counts() -> Floats:
    """Return the expected counts of a drifting channel and of a constant faint one."""
    x = (START + 0.5) / 100.0
    rates = np.column_stack([60.0 + 10.0 * x - 6.0 * x**2, np.full(200, 2.5)])
    counts: Floats = rates * LIVE[:, None]
    return counts


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


def test_a_knot_bends_the_rate_from_its_time_on() -> None:
    design = design_matrix(
        np.array([0.0, 1.0, 3.0]),
        np.array([1.0, 3.0, 5.0]),
        np.array([1.0, 2.0, 1.0]),
        order=0,
        origin_s=0.0,
        unit_s=2.0,
        knots_s=np.array([2.0]),
    )
    assert design[:, 1] == pytest.approx([0.0, 0.25, 1.0])


def test_without_an_order_the_fit_is_the_posterior_of_a_gaussian_process() -> None:
    """The same from dense covariance matrices (Rasmussen & Williams 2006, eq. 2.25)."""
    rng = np.random.default_rng(5)
    live, mean = np.ones(200), 100.0
    error = np.full((200, 1), 8.0)
    trend = mean + 0.004 * (START - 50.0) ** 2
    counts = (trend + 8.0 * rng.standard_normal(200))[:, None]
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, live, FREE, error=error)
    used = (STOP <= -5.0) | (START >= 60.0)
    x = (START + 0.5 - fit.origin_s) / 100.0
    bends = np.array([_after(START, STOP, knot) for knot in fit.knots_s]).T / 100.0
    spacing = (fit.knots_s[1] - fit.knots_s[0]) / 100.0
    rate = counts[used].mean()
    values, variances, evidence = [], [], []
    for roughness in ROUGHNESS:
        prior = 1e8 + rate**2 * (np.outer(x, x) + roughness**2 * spacing * bends @ bends.T)
        data = prior[np.ix_(used, used)] + np.diag(error[used, 0] ** 2)
        gain = np.linalg.solve(data, prior[used]).T
        values.append(gain @ counts[used, 0])
        variances.append(np.diag(prior) - np.einsum("ij,ij->i", gain, prior[used].T))
        exponent = counts[used, 0] @ np.linalg.solve(data, counts[used, 0])
        evidence.append(-0.5 * (exponent + np.linalg.slogdet(data)[1]))
    chances = np.exp(np.array(evidence) - max(evidence))
    chances /= chances.sum()
    chances[chances < 0.02] = 0.0
    chances /= chances.sum()
    assert np.count_nonzero(chances) > 1
    assert fit.order is None
    assert fit.chances == pytest.approx(chances, abs=2e-3)
    expected = chances @ np.array(values)
    spread = chances @ (np.array(variances) + np.square(np.array(values) - expected))
    assert fit.counts(START, STOP, live)[:, 0] == pytest.approx(expected, rel=1e-3)
    assert fit.errors(START, STOP, live)[:, 0] == pytest.approx(np.sqrt(spread), rel=2e-2)


def _after(start_s: Floats, stop_s: Floats, knot_s: float) -> Floats:
    """Return the mean of max(t - knot, 0) over bins, by summing many points."""
    points = start_s[:, None] + (stop_s - start_s)[:, None] * (np.arange(2000) + 0.5) / 2000.0
    mean: Floats = np.maximum(points - knot_s, 0.0).mean(axis=1)
    return mean


def test_the_background_is_as_rough_as_the_data_need() -> None:
    rng = np.random.default_rng(3)
    flat = rng.poisson(100.0, (200, 1)).astype(float)
    curved = rng.poisson(100.0 + 0.01 * (START[:, None] - 50.0) ** 2).astype(float)
    mean = []
    for counts in (flat, curved):
        chances = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE).chances
        assert chances is not None
        mean.append(chances @ np.log(ROUGHNESS))
    assert mean[1] > mean[0] + 1.0


@pytest.mark.parametrize("total", [1, 5, 12, 25, 45])
def test_few_counts_are_fitted_with_errors_that_hold_the_modes_together(total: int) -> None:
    counts = np.zeros((200, 1))
    counts[np.linspace(0, 44, total).astype(int), 0] += 1.0
    counts[120, 0] += 1.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
    predicted, error = fit.total(START, STOP, LIVE)
    assert np.isfinite(error).all()
    assert predicted[0] >= 0.0
    modes = fit.modes(START, STOP, LIVE)
    assert np.sqrt((modes**2).sum(axis=0)) == pytest.approx(fit.errors(START, STOP, LIVE)[:, 0])


def test_a_given_order_that_the_counts_do_not_determine_varies_in_the_lower_orders() -> None:
    counts = np.zeros((200, 1))
    counts[[3, 20, 130], 0] = 1.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE, order=3)
    modes = fit.modes(START, STOP, LIVE)
    assert np.sqrt((modes**2).sum(axis=0)) == pytest.approx(fit.errors(START, STOP, LIVE)[:, 0])


def test_errors_grow_across_a_gap_and_away_from_a_single_interval() -> None:
    counts = np.random.default_rng(6).poisson(np.full((200, 1), 100.0)).astype(float)
    wide = np.array([[-50.0, 20.0], [60.0, 150.0]])
    narrow = np.array([[-50.0, -40.0], [130.0, 150.0]])
    before = np.array([[-50.0, 20.0]])
    errors = [
        fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, intervals).errors(
            START, STOP, LIVE
        )[:, 0]
        for intervals in (wide, narrow, before)
    ]
    assert errors[1][90] > 2.0 * errors[0][90]
    far = errors[2][[80, 120, 160]]
    assert (np.diff(far) > 0.3 * far[:-1]).all()


def test_an_interval_without_data_holds_no_side() -> None:
    counts = np.full((200, 1), 100.0)
    beyond = np.array([[-90.0, -60.0], [60.0, 150.0]])
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, beyond)
    assert "background on one side" in texts(fit.flags)


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


def test_a_burst_inside_the_intervals_makes_the_fit_poor_where_it_is() -> None:
    counts = np.random.default_rng(8).poisson(np.full((200, 1), 100.0)).astype(float)
    counts[120:125] += 400.0
    fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
    assert texts(fit.flags) == ("background fit poor: 60 to 150 s",)


def test_few_counts_are_no_poor_fit() -> None:
    """Poisson noise of few counts is wider than chi-square of Gaussian noise."""
    rng = np.random.default_rng(9)
    for _ in range(50):
        counts = rng.poisson(np.full((200, 1), 0.05)).astype(float)
        fit = fit_background(Instrument.GRM, "a", START, STOP, counts, LIVE, FREE)
        assert not fit.flags


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
    coefficients, covariance, statistic = fit_channels(
        design, counts, counts, poisson, np.zeros((1, 3))
    )
    assert coefficients[0] == pytest.approx([25.0, 5.0, 0.0])
    assert covariance[0, 2].tolist() == [0.0, 0.0, 0.0]
    of_side = np.array([240.0, 360.0]) / 12.0**2  # counts and live time on either side
    assert np.diag(covariance[0])[:2] == pytest.approx(of_side.sum() / 4.0)
    assert statistic[0] == pytest.approx(0.0, abs=1e-9)
