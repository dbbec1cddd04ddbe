"""The analyst's spread: what changes when other choices are made that could be defended, too."""

from .measuring import Group, SpreadStudy, measure_spread, spread_study
from .space import Choice, usual_space

__all__ = ["Choice", "Group", "SpreadStudy", "measure_spread", "spread_study", "usual_space"]
