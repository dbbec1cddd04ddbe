"""Pictures of the documentation as SVG, drawn from the code that they show."""

from collections.abc import Callable
from functools import partial

from .coverage import coverage_svg
from .layers import layers_svg
from .sequences import SEQUENCES, sequence_svg
from .states import figures_states_svg, task_states_svg

__all__ = ["PICTURES"]

PICTURES: dict[str, Callable[[], str]] = {
    "coverage": coverage_svg,
    "layers": layers_svg,
    "task-states": task_states_svg,
    "figures-states": figures_states_svg,
    **{name: partial(sequence_svg, sequence) for name, sequence in SEQUENCES.items()},
}
"""Pictures by the name of their file, without suffix."""
