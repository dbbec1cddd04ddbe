"""What tasks have done in a worker process; numerics are imported there, never in the daemon."""

from eclgrmd.log import relay
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest

__all__ = ["analyse", "warm_up"]


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the whole analysis of one task."""
    from eclgrmd.pipeline import run

    return run(request, say=relay)


def warm_up() -> None:
    """Import the numerics, so that the first task need not wait for them."""
    import eclgrmd.pipeline  # noqa: F401 - the import is what is wanted
