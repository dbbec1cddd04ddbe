"""Figures of an analysis as PNG images; the same input gives the same bytes."""

from .bands import bands_figure
from .corner import corner_figure
from .cumulative import cumulative_figure
from .evolution import evolution_figure
from .light_curve import light_curve_figure
from .nufnu import nufnu_figure
from .planes import planes_figure
from .spectrum import spectrum_figure

__all__ = [
    "bands_figure",
    "corner_figure",
    "cumulative_figure",
    "evolution_figure",
    "light_curve_figure",
    "nufnu_figure",
    "planes_figure",
    "spectrum_figure",
]
