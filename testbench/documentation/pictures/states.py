"""State diagrams of tasks and figures, from the tables of allowed changes."""

from collections.abc import Mapping

from eclgrmd.model.task import FINAL_STATES, TRANSITIONS, FiguresState, TaskState

from .svg import arrow, box, document, label

__all__ = ["figures_states_svg", "task_states_svg"]

_W, _H = 120.0, 40.0
_TASKS: dict[str, tuple[float, float]] = {
    TaskState.WAITING: (40.0, 150.0),
    TaskState.QUEUED: (250.0, 150.0),
    TaskState.RUNNING: (460.0, 150.0),
    TaskState.DONE: (700.0, 60.0),
    TaskState.FAILED: (700.0, 150.0),
    TaskState.CANCELLED: (700.0, 240.0),
}
"""Place of each state."""
_CAUSES = {
    (TaskState.WAITING, TaskState.QUEUED): "all inputs are here",
    (TaskState.QUEUED, TaskState.RUNNING): "claimed",
    (TaskState.RUNNING, TaskState.QUEUED): "claim lost, stop",
}


def task_states_svg() -> str:
    """Return the picture of the states of a task.

    Raises
    ------
    KeyError
        If a state has no place in the picture.
    """
    parts = []
    for before, after in TRANSITIONS.items():
        for state in sorted(after):
            parts += _edge(str(before), str(state))
    for state in TaskState:
        parts.append(box(*_TASKS[state], _W, _H, state.value, bold=state in FINAL_STATES))
    return document(860.0, 330.0, "States of a task; bold ones are final", parts)


def _edge(before: str, after: str) -> list[str]:
    (x0, y0), (x1, y1) = _TASKS[before], _TASKS[after]
    cause = _CAUSES.get((TaskState(before), TaskState(after)), "")
    if y0 == y1 and x1 == x0 + 210.0:
        middle = (x0 + _W + x1) / 2
        return [
            arrow([(x0 + _W, y0 + 14.0), (x1, y1 + 14.0)]),
            label(middle, y0 - 8.0, cause, size=10.5),
        ]
    if x1 < x0:
        return [
            arrow([(x0, y0 + 28.0), (x1 + _W, y1 + 28.0)]),
            label((x0 + x1 + _W) / 2, y0 + 58.0, cause, size=10.5),
        ]
    if before == TaskState.RUNNING:
        return [arrow([(x0 + _W, y0 + _H / 2), (x1, y1 + _H / 2)])]
    lane = 300.0 if after == TaskState.CANCELLED else 20.0
    down = lane > y0
    start = (x0 + _W / 2, y0 + _H if down else y0)
    end = (x1 + _W / 2, y1 + _H if down else y1)
    if after == TaskState.FAILED:  # around the state above it
        end = (x1 + _W, y1 + _H / 2)
        return [arrow([start, (start[0], lane), (840.0, lane), (840.0, end[1]), end])]
    return [arrow([start, (start[0], lane), (end[0], lane), end])]


_FIGURES: Mapping[str, str] = {
    FiguresState.LATER: "drawn when first asked for",
    FiguresState.QUEUED: "drawn when no analysis waits",
    FiguresState.RUNNING: "a worker draws",
    FiguresState.DONE: "announced with all products",
    FiguresState.FAILED: "the result stands",
}


def figures_states_svg() -> str:
    """Return the picture of the states of the figures of a task."""
    places = {
        FiguresState.LATER: (40.0, 40.0),
        FiguresState.QUEUED: (250.0, 40.0),
        FiguresState.RUNNING: (460.0, 40.0),
        FiguresState.DONE: (680.0, 10.0),
        FiguresState.FAILED: (680.0, 100.0),
    }
    parts = []
    for state, (x, y) in places.items():
        parts.append(box(x, y, _W, _H, state.value))
        parts.append(label(x + _W / 2, y + _H + 16.0, _FIGURES[state], size=10.5))
    parts.append(arrow([(160.0, 60.0), (250.0, 60.0)]))
    parts.append(arrow([(370.0, 60.0), (460.0, 60.0)]))
    parts.append(arrow([(580.0, 60.0), (680.0, 30.0)]))
    parts.append(arrow([(580.0, 60.0), (680.0, 120.0)]))
    return document(860.0, 170.0, "States of the figures of a task", parts)
