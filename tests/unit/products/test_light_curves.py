"""Light curves are written in several binnings and bands, and no count is lost."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, EventList, Observation
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Width
from eclgrmd.products import light_curves
from eclgrmd.products.curves import Curves
from eclgrmd.products.file_keywords import file_keywords_of
from eclgrmd.products.light_curves import light_curve_tables
from eclgrmd.products.naming import UniqueNames
from tests.support.bursts import made_up

CHANNELS = Channels(
    np.arange(4), np.array([15.0, 50.0, 300.0, 5000.0]), np.array([50.0, 300.0, 5000.0, 9000.0])
)
SHORT = Width(1.5, 0.1, 0.1, 3.2, 4.7, 0.1, 0.1, 0.1, 0.1)


def events(detector: str, seed: int) -> EventList:
    random = np.random.default_rng(seed)
    return EventList(
        Instrument.GRM,
        detector,
        np.sort(random.uniform(-60.0, 110.0, 20_000)),
        random.integers(0, 4, 20_000).astype(np.int16),
        CHANNELS,
        np.array([[-60.0, 110.0]]),
    )


@pytest.fixture
def observation() -> Observation:
    return replace(made_up.observation(), events=(events("GRD01", 1), events("GRD02", 2)))


def files_of(observation: Observation, duration: DurationMeasurement) -> dict[str, fits.HDUList]:
    request = PipelineRequest(task_id="t", burst_id="b", files=(), output="")
    products = light_curve_tables(
        duration,
        Curves(observation, duration),
        file_keywords_of(observation, request),
        UniqueNames(),
    )
    return {product.name: fits.open(BytesIO(product.content)) for product in products}


def test_events_are_written_in_bins_of_64_ms_and_of_1_s(observation: Observation) -> None:
    files = files_of(observation, made_up.duration())
    assert list(files) == ["GRM-LC-64MS.fits", "GRM-LC-1S.fits", "GRM-LC-BLOCKS.fits"]


def test_a_short_burst_is_written_in_bins_of_4_ms_too(observation: Observation) -> None:
    duration = made_up.duration(t90=SHORT, t100_s=(3.0, 5.0))
    fine = files_of(observation, duration)["GRM-LC-4MS.fits"]["RATE"]
    assert fine.data["TIMEDEL"] == pytest.approx(0.004)
    met = observation.t0_met_s
    assert fine.data["TIME"][[0, -1]] - met == pytest.approx([-7.0, 14.996], abs=1e-6)


def test_bands_hold_the_events_of_their_channels(observation: Observation) -> None:
    file = files_of(observation, made_up.duration())["GRM-LC-1S.fits"]
    bands = [(hdu.header["E_MIN"], hdu.header["E_MAX"]) for hdu in file if hdu.name == "RATE"]
    assert bands == [(15.0, 5000.0), (15.0, 50.0), (50.0, 300.0), (300.0, 5000.0)]
    for version, channels in ((1, (0, 1, 2)), (2, (0,)), (3, (1,)), (4, (2,))):
        table = file["RATE", version].data
        low, high = table["TIME"][0], table["TIME"][-1] + 1.0
        counted = sum(
            np.count_nonzero(
                np.isin(each.channel, channels)
                & (each.time_s >= low - observation.t0_met_s)
                & (each.time_s < high - observation.t0_met_s)
            )
            for each in observation.events
        )
        assert table["COUNTS"].sum() == counted


def test_the_background_of_a_flat_band_is_its_mean_rate(observation: Observation) -> None:
    file = files_of(observation, made_up.duration())["GRM-LC-1S.fits"]
    for version, share in ((2, 0.25), (3, 0.25), (4, 0.25)):
        rate = share * 2 * 20_000 / 170.0
        table = file["RATE", version].data
        assert table["BACKV"].mean() == pytest.approx(rate, rel=0.05)
        assert np.all(np.abs(table["BACKV"] - rate) < 5 * table["BACKE"])


def test_blocks_hold_all_counts_between_their_edges(observation: Observation) -> None:
    duration = made_up.duration()
    file = files_of(observation, duration)["GRM-LC-BLOCKS.fits"]
    table, edges = file["RATE"].data, duration.block_edges_s
    assert table["TIME"] - observation.t0_met_s == pytest.approx(edges[:-1], abs=1e-6)
    assert table["TIMEDEL"] == pytest.approx(np.diff(edges))
    assert table["COUNTS"].sum() == duration.curve.counts.sum()
    assert file["BKGCOEF"].data["VALUE"].tolist() == [1000.0, 1.0]


def test_binned_data_keep_their_bins() -> None:
    observation = replace(made_up.observation(), light_curves=(made_up.duration().curve,))
    files = files_of(observation, made_up.duration())
    assert list(files) == ["GRM-LC-64MS.fits", "GRM-LC-BLOCKS.fits"]
    table = files["GRM-LC-64MS.fits"]["RATE"].data
    assert table["COUNTS"].tolist() == made_up.duration().curve.counts.tolist()


def test_a_burst_that_is_not_there_has_light_curves_all_the_same(observation: Observation) -> None:
    assert "GRM-LC-1S.fits" in files_of(observation, made_up.nothing_found())


def test_data_that_last_too_long_are_written_in_wider_bins_that_the_name_tells(
    observation: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All data span 150 s, 2343 bins of 64 ms; the width is doubled twice for at most 1000 bins."""
    monkeypatch.setattr(light_curves, "MOST_BINS", 1000)
    files = files_of(observation, made_up.duration())
    assert list(files) == ["GRM-LC-256MS.fits", "GRM-LC-1S.fits", "GRM-LC-BLOCKS.fits"]
    monkeypatch.setattr(light_curves, "MOST_BINS", 10)
    assert list(files_of(observation, made_up.duration()))[1] == "GRM-LC-16S.fits"
