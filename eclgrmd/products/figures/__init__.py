"""Figures for colleagues: PNG images drawn from an analysis, the same bytes every time."""

from .bands import bands_figure
from .cumulative import cumulative_figure
from .light_curve import light_curve_figure
from .nufnu import nufnu_figure
from .spectrum import spectrum_figure

__all__ = [
    "bands_figure",
    "cumulative_figure",
    "light_curve_figure",
    "nufnu_figure",
    "spectrum_figure",
]
