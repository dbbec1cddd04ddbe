"""Ticks of the axes of a figure: the marks of an axis as one line, and their labels as texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN, TICKLEFT
from matplotlib.text import Text
from matplotlib.ticker import NullLocator
from matplotlib.transforms import (
    Affine2D,
    Bbox,
    IdentityTransform,
    Transform,
    blended_transform_factory,
)
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["draw_ticks"]


class _Mark(NamedTuple):
    """The size of the marks of an axis."""

    length_pt: float
    """Length, points."""
    width_pt: float
    """Width, points."""


_MAJOR, _MINOR = _Mark(3.5, 0.8), _Mark(2.0, 0.6)
_PAD_PT = 3.5
"""Distance of a label from its mark, points."""
_CLOSE = 1e-10
"""Part of the axis by which a tick may be outside."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ticks:
    """The visible ticks of an axis, which are not drawn yet."""

    axes: Axes
    """The axes."""
    axis: Axis
    """Their x or y axis."""
    horizontal: bool
    """Whether this is the x axis."""
    major: Floats
    """Places of the major ticks."""
    minor: Floats
    """Places of the minor ticks."""
    labels: tuple[str, ...]
    """Labels of the major ticks; empty texts if they are not shown."""


def draw_ticks(figure: Figure) -> None:
    """Draw the ticks and labels of each axis, and place its name and common factor.

    They look as matplotlib's own, whose objects take half the time of a figure: there are five for
    each tick, and all texts are laid out three times.
    """
    found = [
        ticks
        for axes in figure.axes
        if axes.get_visible()
        for axis, horizontal in ((axes.xaxis, True), (axes.yaxis, False))
        if (ticks := _ticks_of(axes, axis, horizontal=horizontal)) is not None
    ]
    extents: dict[Axis, list[Bbox]] = {}
    for ticks in found:  # axes in a column share their locators: all of them were read first
        ticks.axis.set_major_locator(NullLocator())
        ticks.axis.set_minor_locator(NullLocator())
        _draw_marks(ticks, ticks.major, _MAJOR)
        _draw_marks(ticks, ticks.minor, _MINOR)
        extents[ticks.axis] = _draw_labels(ticks)
    for ticks in found:
        _place_texts(ticks, extents)


def _ticks_of(axes: Axes, axis: Axis, *, horizontal: bool) -> _Ticks | None:
    """Return the ticks of an axis; None if minor ones have labels, which matplotlib draws."""
    major, minor = np.asarray(axis.get_majorticklocs()), np.asarray(axis.get_minorticklocs())
    if len(minor) and any(axis.get_minor_formatter().format_ticks(list(minor))):
        return None
    labels = axis.get_major_formatter().format_ticks(list(major))
    seen, style = _visible(axis, major), axis.get_tick_params()
    shown = style.get("labelbottom" if horizontal else "labelleft", True)
    return _Ticks(
        axes,
        axis,
        horizontal,
        major[seen],
        minor[_visible(axis, minor)],
        tuple(label if shown else "" for label in compress(labels, seen)),
    )


def _visible(axis: Axis, places: Floats) -> NDArray[np.bool_]:
    """Return which ticks are on the axis."""
    if len(places) == 0:
        return np.zeros(0, dtype=np.bool_)
    transform = axis.get_transform()
    low, high = sorted(transform.transform(np.asarray(axis.get_view_interval())))
    margin, at = _CLOSE * (high - low), transform.transform(places)
    return np.asarray((at >= low - margin) & (at <= high + margin))


def _draw_marks(ticks: _Ticks, places: Floats, mark: _Mark) -> None:
    """Draw marks below (x) or left of (y) the axes."""
    if len(places) == 0:
        return
    zero = np.zeros(len(places))
    line = Line2D(
        *((places, zero) if ticks.horizontal else (zero, places)),
        linestyle="none",
        marker=cast(Any, TICKDOWN if ticks.horizontal else TICKLEFT),
        color=mpl.rcParams["xtick.color"],
        markersize=mark.length_pt,
        markeredgewidth=mark.width_pt,
        transform=_across(ticks),
        clip_on=False,
        zorder=ticks.axis.get_zorder(),
    )
    ticks.axes.add_artist(line)


def _across(ticks: _Ticks) -> Transform:
    """Return the transform of places on the axis, and parts of the axes across it."""
    axes = ticks.axes
    return axes.get_xaxis_transform() if ticks.horizontal else axes.get_yaxis_transform()


def _draw_labels(ticks: _Ticks) -> list[Bbox]:
    """Draw the labels of the major ticks; return their extents, pixels."""
    axes, pad_pt = ticks.axes, _MAJOR.length_pt + _PAD_PT
    transform, vertical, horizontal = (
        axes.get_xaxis_text1_transform(pad_pt)
        if ticks.horizontal
        else axes.get_yaxis_text1_transform(pad_pt)
    )
    size = ticks.axis.get_tick_params().get("labelsize", mpl.rcParams["xtick.labelsize"])
    extents = []
    for place, label in zip(ticks.major, ticks.labels, strict=True):
        if not label:
            continue
        x, y = (place, 0.0) if ticks.horizontal else (0.0, place)
        text = Text(
            x,
            y,
            label,
            va=vertical,
            ha=horizontal,
            fontsize=size,
            color=mpl.rcParams["xtick.labelcolor"],
            transform=transform,
            clip_on=False,
            zorder=ticks.axis.get_zorder(),
        )
        axes.add_artist(text)
        extents.append(text.get_window_extent())
    return extents


def _place_texts(ticks: _Ticks, extents: Mapping[Axis, Sequence[Bbox]]) -> None:
    """Place the axis' name and common factor beside the labels.

    The names of the y axes of a column are aligned.
    """
    axes, axis, pixels_pt = ticks.axes, ticks.axis, ticks.axes.figure.dpi / 72.0
    if ticks.horizontal:
        edge = min([axes.bbox.y0 - _MAJOR.length_pt * pixels_pt, *(e.y0 for e in extents[axis])])
        place = blended_transform_factory(axes.transAxes, IdentityTransform())
        axis.set_label_coords(0.5, edge - axis.labelpad * pixels_pt, place)
        below = Affine2D().translate(0.0, edge - axes.bbox.y0)  # matplotlib sees no labels
        factor = axis.get_offset_text()
        factor.set_transform(factor.get_transform() + below)
        return
    column = axes.get_shared_x_axes().get_siblings(axes)
    lefts = [e.x0 for each in column for e in extents.get(each.yaxis, ())]
    edge = min([axes.bbox.x0 - _MAJOR.length_pt * pixels_pt, *lefts])
    place = blended_transform_factory(IdentityTransform(), axes.transAxes)
    axis.set_label_coords(edge - axis.labelpad * pixels_pt, 0.5, place)
