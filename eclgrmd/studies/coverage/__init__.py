"""Coverage of the stated intervals, by twins of the burst whose truth is known."""

from .measuring import CoverageStudy, Twin, coverage_study, measure_coverage
from .twins import TwinModel, twin_model

__all__ = [
    "CoverageStudy",
    "Twin",
    "TwinModel",
    "coverage_study",
    "measure_coverage",
    "twin_model",
]
