"""Bursts to play: simulated ones, and real ones as packets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.results import TemporalAnalysis
from eclgrmd.errors import EclgrmdError
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation
from testbench.simulate.observation import simulate_observation
from testbench.simulate.population import random_burst

from .counts import fine_counts
from .sequence import Sent, make_sequence

__all__ = ["PlayedBurst", "real_bursts", "simulated_burst"]

_BEFORE_S, _AFTER_S = -64.0, 160.0
"""Start and stop of the counts that are sent, seconds after T0."""
_LEAST_BEFORE_S = 8.0
"""Least data before T0 of a real burst, seconds."""
_MET_S = 3.2e8
"""Trigger time that real bursts of other missions get, SVOM mission time, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class PlayedBurst:
    """A burst with its packets and its full data."""

    burst_id: str
    """Burst id."""
    story: str
    """One sentence that describes it."""
    t0_met_s: float
    """Trigger time, SVOM mission time, seconds."""
    observation: Observation
    """The full data."""
    sequence: tuple[Sent, ...]
    """Packets in order of arrival."""

    def final(self) -> TemporalAnalysis:
        """Analyse the full data, as for X-band."""
        configuration = TaskConfiguration(duration=DurationChoice(character=False))
        return measure(self.observation, configuration)


def simulated_burst(seed: int, *, short: bool = False) -> PlayedBurst:
    """Simulate a burst of the random population with data from T0 - 70 s to T0 + 170 s."""
    burst = random_burst(seed)
    if short:
        burst = msgspec.structs.replace(burst, pulses=burst.pulses[:1])
    burst = msgspec.structs.replace(burst, window_s=(-70.0, 170.0))
    observation = simulate_observation(burst, seed)
    return _packed(burst.burst_id, burst.story, burst.t0_met_s, observation)


def real_bursts(folder: Path) -> Iterator[PlayedBurst]:
    """Yield the real bursts that have counts from some time before T0."""
    groups = sorted(p for p in (folder / "fermi-gbm").iterdir() if p.is_dir())
    groups += sorted(p for p in (folder / "cgro-batse").iterdir() if p.is_dir())
    groups += sorted((folder / "fermi-gbm" / "population-2s").iterdir())
    for group in groups:
        files = sorted(p for p in group.iterdir() if _has_times(p.name))
        if not files:
            continue
        try:
            observation = read_observation(files, burst_id=BurstId(group.name))
        except EclgrmdError as error:
            print(f"{group.name}: left out: {error}")
            continue
        played = _packed(group.name, f"real burst {group.name}", _MET_S, observation)
        if played.sequence:
            yield played


def _has_times(name: str) -> bool:
    return any(word in name for word in ("_tte_", "discsc", "tte_bfits", "lc_"))


def _packed(burst_id: str, story: str, t0_met_s: float, observation: Observation) -> PlayedBurst:
    sources = [
        source
        for source in fine_counts(observation, (_BEFORE_S, _AFTER_S))
        if source.start_s < -_LEAST_BEFORE_S
    ]
    sequence = make_sequence(burst_id, t0_met_s, sources) if sources else []
    return PlayedBurst(burst_id, story, t0_met_s, replace(observation), tuple(sequence))
