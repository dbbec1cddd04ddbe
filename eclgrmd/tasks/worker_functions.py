"""What tasks have done in a worker process; numerics are imported there, never in the daemon."""

from eclgrmd.log import relay
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest, ProductFile
from eclgrmd.model.quicklook.updates import VhfAnswer, VhfProductsRequest, VhfRequest

__all__ = ["analyse", "follow_burst", "make_vhf_products", "rehearse_vhf", "warm_up"]


def analyse(request: PipelineRequest) -> PipelineOutcome:
    """Run the whole analysis of one task."""
    from eclgrmd.pipeline import run

    return run(request, say=relay)


def follow_burst(request: VhfRequest) -> VhfAnswer:
    """Add packets to a burst that this process follows."""
    from eclgrmd.pipeline.vhf import follow

    return follow(request)


def make_vhf_products(request: VhfProductsRequest) -> tuple[ProductFile, ...]:
    """Make the products of what is known of a burst."""
    from eclgrmd.pipeline.vhf import deposit_products

    return deposit_products(request)


def rehearse_vhf() -> None:
    """Load the kernels, or compile them, so that the first packet need not wait for them."""
    from eclgrmd.pipeline.vhf import rehearse

    rehearse()


def warm_up() -> None:
    """Import the numerics, so that the first task need not wait for them."""
    import eclgrmd.pipeline  # noqa: F401 - the import is what is wanted
