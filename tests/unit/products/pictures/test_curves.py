"""Light curves for pictures: the counts of a slow twin, and what decimation keeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eclgrmd.analysis.burst import measure
from eclgrmd.cli.known_burst import known_burst
from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.rest.pictures import BandCurve, LightCurveQuery
from eclgrmd.products.pictures.curves import light_curves, strongest
from eclgrmd.products.pictures.measured import MeasuredBurst
from eclgrmd.products.pictures.spectra import fitted_spectra

CONFIGURATION = TaskConfiguration(duration=DurationChoice(bootstrap=100))


@pytest.fixture(scope="module")
def burst() -> MeasuredBurst:
    observation = known_burst()
    found = measure(observation, CONFIGURATION)
    return MeasuredBurst(observation, found.durations, found.backgrounds)


def counted(burst: MeasuredBurst, curve: BandCurve) -> list[float]:
    """Count the photons of each bin one after the other."""
    counts = [0.0] * len(curve.start_s)
    for events in burst.observation.events:
        channels = events.channels
        if events.detector not in curve.detectors or channels is None:
            continue
        low, high = curve.band_kev or (0.0, np.inf)
        inside = (channels.e_min_kev >= low - 1e-6) & (channels.e_max_kev <= high + 1e-6)
        times = events.time_s[inside[events.channel]]
        for i, (start, stop) in enumerate(zip(curve.start_s, curve.stop_s, strict=True)):
            counts[i] += sum(start <= t < stop for t in times[(times > start - 1) & (times < stop)])
    return counts


def test_every_detector_and_band_is_counted(burst: MeasuredBurst) -> None:
    query = LightCurveQuery(
        separate=True, band_kev=("15-50", "50-300"), start_s=-1.0, stop_s=2.0, bin_s=0.25
    )
    found = light_curves(burst, query)
    assert [(c.detectors, c.asked_kev) for c in found.curves] == [
        (("GRD01",), (15.0, 50.0)),
        (("GRD01",), (50.0, 300.0)),
        (("GRD02",), (15.0, 50.0)),
        (("GRD02",), (50.0, 300.0)),
    ]
    for curve in found.curves:
        assert curve.start_s == pytest.approx(np.arange(-1.0, 2.0, 0.25))
        assert curve.counts == counted(burst, curve)
        assert sum(curve.counts) > 100


def test_the_measured_band_has_the_background_of_the_measurement(burst: MeasuredBurst) -> None:
    (measured,) = burst.durations
    (curve,) = light_curves(burst, LightCurveQuery(bin_s=0.064, points=20_000)).curves
    # The bins at the edges of the burst were moved to its photons, and differ.
    edges = np.array([curve.start_s, curve.stop_s])
    same = (edges == [measured.curve.start_s, measured.curve.stop_s]).all(axis=0)
    assert same.mean() > 0.99
    assert np.array(curve.counts)[same].tolist() == measured.curve.counts[same].tolist()
    expected = measured.background_counts[same], measured.background_error_counts[same]
    assert np.array(curve.background_counts)[same] == pytest.approx(expected[0], rel=1e-12)
    assert np.array(curve.background_error_counts)[same] == pytest.approx(expected[1])


def test_another_band_has_the_background_of_its_channels(burst: MeasuredBurst) -> None:
    """500 counts/s of each detector are spread evenly over 64 logarithmic channels."""
    query = LightCurveQuery(detector=("GRD02",), band_kev=("15-120",), bin_s=1.0)
    (curve,) = light_curves(burst, query).curves
    background = np.array(curve.background_counts) / np.array(curve.exposure_s)
    error = np.array(curve.background_error_counts) / np.array(curve.exposure_s)
    outside = np.array(curve.start_s) > 15.0
    seen = np.array(curve.counts)[outside] / np.array(curve.exposure_s)[outside]
    assert abs(background[outside].mean() - seen.mean()) < 5.0 * error.mean()
    assert 0.0 < error.mean() < 0.1 * background.mean()


def test_the_bins_of_neighbouring_windows_are_the_same(burst: MeasuredBurst) -> None:
    one, other = (
        light_curves(burst, LightCurveQuery(start_s=start, stop_s=start + 4.0, points=100))
        for start in (0.0, 1.01)
    )
    shared = set(one.curves[0].start_s) & set(other.curves[0].start_s)
    assert len(shared) > 40
    assert len(one.curves[0].counts) <= 100


def test_a_long_window_beside_the_data_makes_no_bins(burst: MeasuredBurst) -> None:
    found = light_curves(burst, LightCurveQuery(start_s=1e5, stop_s=1e6))
    assert not found.curves
    assert found.left_out == ["GRD01+GRD02: no data at 15-5000 keV in the window"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (LightCurveQuery(instrument="ECL"), "instrument is 'ECL': must be one of GRM"),
        (LightCurveQuery(detector=("n3",)), "detector is 'n3': must be one of GRD01, GRD02"),
        (LightCurveQuery(band_kev=("50-50",)), "band_kev is 50-50: must be two rising energies"),
        (LightCurveQuery(start_s=2.0, stop_s=1.0), "start_s is 2 and stop_s is 1: must be rising"),
        (LightCurveQuery(start_s=float("nan")), "must be rising"),
        (LightCurveQuery(bin_s=1e-6), "more than 1000000 bins in the window: must be at least"),
        (LightCurveQuery(bin_s=float("nan")), "bin_s is nan"),
    ],
)
def test_what_cannot_be_shown_is_told(
    burst: MeasuredBurst, query: LightCurveQuery, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        light_curves(burst, query)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=300), st.integers(2, 40))
def test_decimation_keeps_the_extremes_of_every_group(values: list[int], points: int) -> None:
    rate = np.array(values, dtype=np.float64)
    kept = strongest(rate, points)
    assert kept.sum() <= max(points, 2)
    assert rate[kept].max() == rate.max()
    assert rate[kept].min() == rate.min()
    if len(rate) <= points:
        assert kept.all()
        return
    size = -(-len(rate) // (points // 2))
    for first in range(0, len(rate), size):
        group, chosen = rate[first : first + size], kept[first : first + size]
        assert set(group[chosen]) == {group.min(), group.max()}


def test_without_a_measurement_the_query_is_not_to_blame(burst: MeasuredBurst) -> None:
    with pytest.raises(PermanentError, match="measured no durations") as raised:
        light_curves(MeasuredBurst(burst.observation, (), ()), LightCurveQuery())
    assert not isinstance(raised.value, InputError)
    with pytest.raises(PermanentError, match="has no spectra") as raised:
        fitted_spectra("b", (), (), 0)
    assert not isinstance(raised.value, InputError)
