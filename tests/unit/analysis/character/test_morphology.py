from itertools import pairwise

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.character.morphology import Blocks, blocks_of, describe_shape
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import LightCurve, Observation
from eclgrmd.model.result import Morphology
from tests.unit.analysis.character.simulated_curves import edges


def shape(rates: list[float], widths: list[float] | None = None) -> Morphology:
    """Return the shape of blocks with net rates over a background of 100 counts/s."""
    edges = np.concatenate([[0.0], np.cumsum(widths or [2.0] * len(rates))])
    rate, width = np.array(rates), np.diff(edges)
    error = np.sqrt((rate + 100.0) / width)
    found = describe_shape(Blocks(edges, rate, error, rate / np.sqrt(100.0 / width)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rates", "name", "episodes", "peaks"),
    [
        ([100.0, 500.0, 200.0, 50.0], "single pulse", 1, 1),
        ([100.0, 500.0, 200.0, 480.0, 50.0], "several peaks", 1, 2),
        ([100.0, 500.0, 470.0, 490.0, 50.0], "single pulse", 1, 1),
        ([80.0, 1.0, 300.0, 900.0, 200.0], "precursor plus main episode", 2, 2),
        ([900.0, 200.0, 1.0, 300.0], "several episodes", 2, 2),
        ([80.0, 1.0, 900.0, 1.0, 100.0], "several episodes", 3, 3),
    ],
)
def test_blocks_are_named_by_the_stated_rule(
    rates: list[float], name: str, episodes: int, peaks: int
) -> None:
    found = shape(rates)
    assert (found.name, len(found.episodes_s), len(found.peaks_s)) == (name, episodes, peaks)


def test_an_early_episode_with_more_counts_is_no_precursor() -> None:
    assert shape([300.0, 1.0, 400.0], [20.0, 5.0, 2.0]).name == "several episodes"


def test_episodes_do_not_overlap_and_the_main_one_is_brightest() -> None:
    found = shape([80.0, 1.0, 300.0, 900.0, 1.0, 200.0])
    assert found.main_episode == 1
    assert all(a[1] <= b[0] for a, b in pairwise(found.episodes_s))


def test_the_sentence_names_what_was_found() -> None:
    assert shape([100.0, 500.0, 200.0]).sentence == (
        "The light curve shows a single pulse from T0+0.00 s to T0+6.00 s."
    )
    assert "a precursor starting at T0+0.00 s" in shape([80.0, 1.0, 900.0]).sentence
    assert "two overlapping peaks" in shape([500.0, 100.0, 480.0]).sentence


def test_without_a_significant_block_there_is_no_morphology() -> None:
    quiet = Blocks(np.array([0.0, 1.0]), np.array([3.0]), np.array([10.0]), np.array([0.3]))
    assert describe_shape(quiet) is None


def test_the_last_block_counts_where_a_gap_follows() -> None:
    at = edges(-60.0, 100.0, 0.064)
    rate = 20.0 * ((at[:-1] >= 0.0) & (at[:-1] < 4.0)) + 10.0 * (at[:-1] >= 4.0)
    seen = (at[:-1] < 8.0) | (at[:-1] > 30.0)
    rate[at[:-1] > 30.0] = 0.0
    noise = np.random.default_rng(1).normal(0.0, 0.2, len(rate))
    curve = LightCurve(
        Instrument.BAT,
        ("BAT",),
        (15.0, 150.0),
        at[:-1][seen],
        at[1:][seen],
        (rate * 0.064 + noise)[seen],
        np.diff(at)[seen],
        np.full(int(seen.sum()), 0.2),
        background_subtracted=True,
    )
    of = Observation(BurstId("x"), "", 0.0, light_curves=(curve,))
    measured = measure(of, TaskConfiguration()).durations[0]
    assert measured.t100_s is not None
    blocks = blocks_of(measured)
    assert blocks.edges_s[-1] == pytest.approx(measured.t100_s[1])
    assert blocks.edges_s[-1] == pytest.approx(8.0, abs=0.1)
    assert blocks.rate[-1] == pytest.approx(10.0, abs=1.0)
