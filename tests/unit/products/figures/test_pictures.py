"""Figures look as the kept pictures, and a line or a legend that is not as it was is noticed."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D
from PIL import Image

from tests.unit.products.figures.drawings import (
    BASELINE,
    DRAWINGS,
    LARGEST_DIFFERENCE,
    difference,
    small,
)


def from_baseline(name: str) -> float:
    """Draw a figure, and return how much it differs from the kept picture."""
    with Image.open(BASELINE / f"{name}.png") as kept:
        return difference(small(DRAWINGS[name]()), kept.convert("RGB"))


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_looks_as_it_did(name: str) -> None:
    found = from_baseline(name)
    assert found < LARGEST_DIFFERENCE, (
        f"{name} differs by {found:.1f} from {BASELINE / name}.png; if that is meant: "
        "python -m tests.unit.products.figures.drawings"
    )


def test_each_kept_picture_is_compared() -> None:
    assert {path.stem for path in BASELINE.iterdir()} == DRAWINGS.keys()


def last_line(figure: Figure) -> Line2D:
    """Return the line drawn last, other than the marks of minor ticks."""
    return next(each for each in reversed(figure.axes[0].lines) if each.get_linestyle() != "None")


def shift_a_line(figure: Figure) -> None:
    line = last_line(figure)
    line.set_transform(line.get_transform() + Affine2D().translate(0, 5))


def remove_a_legend(figure: Figure) -> None:
    legend = figure.axes[0].get_legend()
    assert legend is not None
    legend.remove()


def remove_a_label(figure: Figure) -> None:
    figure.axes[-1].set_xlabel("")


def recolour_a_line(figure: Figure) -> None:
    last_line(figure).set_color("red")


def draw_letters_without_antialiasing(figure: Figure) -> None:
    for text in figure.texts + [title for axes in figure.axes for title in axes.texts]:
        text.set_antialiased(False)


@pytest.mark.parametrize("name", ["light-curve", "energy-distribution"])
@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (shift_a_line, True),
        (remove_a_legend, True),
        (remove_a_label, True),
        (recolour_a_line, True),
        (draw_letters_without_antialiasing, False),
    ],
)
def test_what_changes_is_noticed_unless_it_is_the_edges_of_letters(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[Figure], None],
    *,
    noticed: bool,
) -> None:
    draw = cast(Any, FigureCanvasAgg).draw

    def change_and_draw(canvas: FigureCanvasAgg) -> None:
        change(canvas.figure)
        draw(canvas)

    monkeypatch.setattr(FigureCanvasAgg, "draw", change_and_draw)
    assert (from_baseline(name) > LARGEST_DIFFERENCE) is noticed
