"""Coverage of the stated intervals, by twins of the burst whose truth is known."""

from .badge import COVERAGE_NAME, Badge, Cover
from .measuring import measure_coverage
from .twins import TwinModel, twin_model

__all__ = ["COVERAGE_NAME", "Badge", "Cover", "TwinModel", "measure_coverage", "twin_model"]
