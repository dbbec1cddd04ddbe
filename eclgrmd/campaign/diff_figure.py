"""The figure of two campaigns: each quantity of one over that of the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.products.figures.style import INK, png

__all__ = ["diff_figure"]

_UNITS = {"T90": "s", "Epeak": "keV", "flux": "ph/cm$^2$/s"}


def diff_figure(
    pairs: Mapping[str, Sequence[tuple[float, float]]], before: str, after: str
) -> bytes:
    """Return a PNG with a panel for each quantity: its ratio over its value before.

    Parameters
    ----------
    pairs
        Both values of every burst, by quantity.
    before, after
        Names of the campaigns.
    """
    shown = {name: np.array(found) for name, found in pairs.items() if found}

    def draw(figure: Figure) -> None:
        panels = figure.subplots(max(len(shown), 1), 1, squeeze=False)[:, 0]
        figure.subplots_adjust(hspace=0.55, left=0.13, right=0.96, top=0.92, bottom=0.1)
        panels[0].set_title(f"{after} over {before}", loc="left", color=INK)
        for axes, (name, found) in zip(panels, shown.items(), strict=False):
            _panel(axes, name, found)

    return png(draw)


def _panel(axes: Axes, name: str, found: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    kept = found[(found > 0.0).all(axis=1)]
    axes.axhline(1.0, color=INK, linewidth=0.6)
    axes.plot(kept[:, 0], kept[:, 1] / kept[:, 0], ".", markersize=4)
    axes.set_xscale("log")
    axes.set_xlabel(f"{name}, {_UNITS[name]}")
    axes.set_ylabel("ratio")
