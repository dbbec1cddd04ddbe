"""Functions that run in worker processes; only there are the numerics imported."""

from eclgrmd.log import relay
from eclgrmd.model.pipeline import (
    FiguresOutcome,
    PipelineOutcome,
    PipelineRequest,
    ProductFile,
)
from eclgrmd.model.study.work import StudyWork

__all__ = ["analyse", "draw", "end_study", "study", "warm_up"]


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the analysis of a task, write its products, and return their list and the summary.

    The figures are left to `draw`.
    """
    from eclgrmd.pipeline import run

    return run(request, say=relay, draw=False)


def draw(request: PipelineRequest) -> FiguresOutcome:
    """Draw the figures of a task whose result is recorded, and return their list."""
    from eclgrmd.pipeline.drawing import draw as draw_figures

    return draw_figures(request, say=relay)


def study(work: StudyWork, piece: int) -> bytes:
    """Compute a piece of a study, and return what was found, encoded."""
    from eclgrmd.studies.of_task import study_piece

    return study_piece(work, piece)


def end_study(work: StudyWork, pieces: list[bytes]) -> ProductFile:
    """Write the result of a study beside that of its task, and return its description."""
    from eclgrmd.studies.of_task import study_end

    return study_end(work, pieces)


def warm_up() -> None:
    """Import the numerics, so that the first task is not delayed by that."""
    import eclgrmd.pipeline
    import eclgrmd.products.drawing  # noqa: F401 - imported for its side effect
