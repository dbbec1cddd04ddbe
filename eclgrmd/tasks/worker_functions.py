"""Functions that run in worker processes; only there are the numerics imported."""

from eclgrmd.log import relay
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest

__all__ = ["analyse", "warm_up"]


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the analysis of a task, write its products, and return their list and the summary."""
    from eclgrmd.pipeline import run

    return run(request, say=relay)


def warm_up() -> None:
    """Import the numerics, so that the first task is not delayed by that."""
    import eclgrmd.pipeline  # noqa: F401 - imported for its side effect
