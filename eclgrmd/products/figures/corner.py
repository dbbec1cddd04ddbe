"""Corner figure of the posterior of a fit: distributions of all parameters and all pairs."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from eclgrmd.analysis.spectral.results import PosteriorSamples
from eclgrmd.model.observation import Floats
from eclgrmd.products.formatting import model_name

from .style import COLOURS, MUTED, WIDTH_PT, png, titles_that_fit, value_text

__all__ = ["corner_figure"]

BINS = 32
"""Number of bins of the histograms in each parameter."""
LEFT, RIGHT = 0.1, 0.985
"""Left and right edge of the axes, as fractions of the width."""
SHARES = (0.393, 0.865)
"""Probability within 1 and 2 sigma of a two-dimensional normal distribution."""


def corner_figure(burst_id: str, model: str, posterior: PosteriorSamples) -> bytes:
    """Return a PNG with histograms of all parameters, and 1 and 2 sigma contours of all pairs."""
    names, samples = list(posterior.parameters), posterior.chain
    size = len(names)
    ranges = [np.quantile(samples[:, k], (0.005, 0.995)) for k in range(size)]

    def draw(figure: Figure) -> None:
        figure.subplots_adjust(LEFT, 0.11, RIGHT, 0.88, wspace=0.08, hspace=0.1)
        grid = figure.subplots(size, size, squeeze=False)
        for i in range(size):
            for j in range(size):
                axes = grid[i, j]
                if j > i:
                    axes.set_visible(False)
                    continue
                if i == j:
                    _histogram(axes, samples[:, i], ranges[i])
                else:
                    _pair(axes, samples[:, j], samples[:, i], (ranges[j], ranges[i]))
                _label(axes, names[j] if i == size - 1 else "", names[i] if j == 0 < i else "")
        _head(figure, burst_id, model, posterior)

    return png(draw)


def _histogram(axes: Axes, values: Floats, limits: Floats) -> None:
    axes.hist(values, bins=BINS, range=tuple(limits), histtype="step", color=COLOURS[0])
    low, middle, high = np.quantile(values, (0.15865, 0.5, 0.84135))
    axes.axvspan(low, high, color=COLOURS[0], alpha=0.15, linewidth=0)
    axes.axvline(middle, color=COLOURS[0], linewidth=1.0)
    axes.set_title(value_text(middle, middle - low, high - middle), fontsize=9.5, pad=3)
    axes.set_xlim(*limits)
    axes.set_yticks([])


def _pair(axes: Axes, x: Floats, y: Floats, limits: tuple[Floats, Floats]) -> None:
    # Few runs draw a posterior; the others need not wait for this import.
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415

    counts, x_edges, y_edges = np.histogram2d(x, y, bins=BINS, range=[list(r) for r in limits])
    middles = [0.5 * (edges[1:] + edges[:-1]) for edges in (x_edges, y_edges)]
    axes.plot(x, y, ",", color=MUTED, alpha=0.25, rasterized=True)
    counts = gaussian_filter(counts, 1.2)  # otherwise noise dominates the contours of few samples
    levels = _levels(counts)
    if levels:
        axes.contour(*middles, counts.T, levels=levels, colors=COLOURS[0], linewidths=1.2)
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])


def _levels(counts: Floats) -> list[float]:
    """Return the densities, increasing, above which fractions `SHARES` of the samples lie."""
    falling = np.sort(counts.ravel())[::-1]
    share = np.cumsum(falling) / max(falling.sum(), 1.0)
    levels = sorted({float(falling[np.searchsorted(share, wanted)]) for wanted in SHARES})
    return [level for level in levels if 0.0 < level < falling[0]]


def _label(axes: Axes, below: str, left: str) -> None:
    axes.tick_params(labelsize=8)
    for axis, name in ((axes.xaxis, below), (axes.yaxis, left)):
        if name:  # labels at the edges would overlap with those of the adjacent axes
            axis.set_major_locator(MaxNLocator(3, prune="both"))
    axes.set_xlabel(below, fontsize=10)
    axes.set_ylabel(left, fontsize=10)
    if not below:
        axes.set_xticklabels([])
    if not left:
        axes.set_yticklabels([])


def _head(figure: Figure, burst_id: str, model: str, posterior: PosteriorSamples) -> None:
    about = f"{model_name(model)}: {posterior.samples} samples of the posterior, 68 % shaded"
    title, about, size = titles_that_fit(figure, burst_id, about, (RIGHT - LEFT) * WIDTH_PT)
    figure.text(LEFT, 0.955, title, fontsize=14, fontweight="bold")
    figure.text(RIGHT, 0.955, about, fontsize=size, color=MUTED, ha="right")
