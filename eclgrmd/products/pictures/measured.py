"""The results and data that pictures are made of."""

from dataclasses import dataclass

from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.model.observation import Observation

__all__ = ["MeasuredBurst"]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBurst:
    """The data of a burst, with the durations and backgrounds that were measured with them."""

    observation: Observation
    """The data."""
    durations: tuple[DurationMeasurement, ...]
    """Measurements, the reference first, that of ECLAIRs and GRM together last."""
    backgrounds: tuple[BackgroundFit, ...]
    """Background of each detector in all its channels."""
