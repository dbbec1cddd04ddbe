"""Real bursts compared with their catalogues."""

from pathlib import Path

import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import BurstId

pytestmark = pytest.mark.data
QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100))


def test_a_burst_is_found_though_most_quiet_times_come_long_after_it(shared_data: Path) -> None:
    """The burst of 15 s at the trigger is much brighter than a rise of the background at 315 s."""
    file = shared_data / "cgro-batse" / "469" / "discsc_bfits_469.fits.gz"
    found = measure(read_observation([file], burst_id=BurstId("b")), QUICK).durations[0]
    assert found.t100_s is not None
    assert found.t100_s[0] < 2.5 < found.t100_s[1] < 100.0


@pytest.mark.parametrize(
    ("name", "published_s"),
    [
        ("grb_111008A_1chan_64ms.lc.gz", 62.848),
        ("grb_120311A_1chan_64ms.lc.gz", 3.48),
        ("grb_091018_1chan_64ms.lc.gz", 4.368),
        ("discsc_bfits_469.fits.gz", 15.424),
        ("discsc_bfits_8099.fits.gz", 15.488),
    ],
)
def test_tails_do_not_outgrow_the_burst(shared_data: Path, name: str, published_s: float) -> None:
    """A small error of the background looks like a long tail, which T90 must not follow."""
    [file] = shared_data.rglob(name)
    found = measure(read_observation([file], burst_id=BurstId("b")), QUICK).durations[0]
    assert found.t90.value_s is not None
    assert 0.7 * published_s < found.t90.value_s < 1.6 * published_s
