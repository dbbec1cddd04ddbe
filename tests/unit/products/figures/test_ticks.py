"""Ticks look as those that matplotlib draws, pixel by pixel."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from eclgrmd.products.figures import style
from tests.unit.products.figures.drawings import DRAWINGS


def pixels(png: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def by_matplotlib(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Leave all ticks to matplotlib from the call on."""

    def leave(_figure: Figure) -> None:
        """Do nothing: matplotlib draws what it finds."""

    return lambda: monkeypatch.setattr(style, "draw_ticks", leave)


@pytest.mark.parametrize("name", DRAWINGS)
def test_figures_are_the_same_as_with_ticks_of_matplotlib(
    by_matplotlib: Callable[[], None], name: str
) -> None:
    ours = pixels(DRAWINGS[name]())
    by_matplotlib()
    assert np.array_equal(pixels(DRAWINGS[name]()), ours)


def large_numbers(axes: Axes) -> None:
    axes.plot([0.0, 1.0], [0.0, 3e7])


def large_offset(axes: Axes) -> None:
    axes.plot([5_000_000.0, 5_000_001.0], [1e-9, 2e-9])


def narrow_range(axes: Axes) -> None:
    """Have minor ticks with labels, since less than a decade is shown."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(12.0, 70.0)
    axes.set_ylim(1e-3, 1e8)


def falling(axes: Axes) -> None:
    axes.set_xlim(3.0, -1.0)
    axes.set_ylim(0.0, 1.0)
    axes.tick_params(labelsize=8)


@pytest.mark.parametrize("fill", [large_numbers, large_offset, narrow_range, falling])
@pytest.mark.parametrize("rows", [1, 2])
def test_any_axes_are_the_same_as_with_ticks_of_matplotlib(
    by_matplotlib: Callable[[], None], fill: Callable[[Axes], None], rows: int
) -> None:
    def draw(figure: Figure) -> None:
        stack = style.Stack.of(figure, rows, gap_pt=10)
        for each in stack.axes:
            fill(each)
            each.set_ylabel("rate")
        stack.axes[-1].set_xlabel("time")

    ours = pixels(style.png(draw))
    by_matplotlib()
    assert np.array_equal(pixels(style.png(draw)), ours)
