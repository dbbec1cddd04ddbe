"""The analyst's spread: what changes when other choices are made that could be defended, too."""

from .measuring import measure_spread
from .space import Choice, Space, usual_space
from .spread import SPREAD_NAME, QuantitySpread, Spread

__all__ = [
    "SPREAD_NAME",
    "Choice",
    "QuantitySpread",
    "Space",
    "Spread",
    "measure_spread",
    "usual_space",
]
