"""Figures for colleagues: PNG images drawn from an analysis, the same bytes every time."""

from .light_curve import light_curve_figure
from .spectrum import spectrum_figure

__all__ = ["light_curve_figure", "spectrum_figure"]
