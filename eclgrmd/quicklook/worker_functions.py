"""Functions of the quick look that worker processes run; only those import the numerics."""

from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.quicklook.updates import (
    QuickLookAnswer,
    QuickLookProductsRequest,
    QuickLookRequest,
)

__all__ = ["analyse_packets", "make_products", "rehearse"]


def analyse_packets(request: QuickLookRequest) -> QuickLookAnswer:
    """Add packets to a burst whose state this process keeps, and return what is known now."""
    from eclgrmd.pipeline.quicklook.analyse import analyse

    return analyse(request)


def make_products(request: QuickLookProductsRequest) -> tuple[ProductFile, ...]:
    """Make the products of one update of a burst."""
    from eclgrmd.pipeline.quicklook.products import deposit_products

    return deposit_products(request)


def rehearse() -> None:
    """Load or compile the kernels, so that the first packet does not wait for them."""
    from eclgrmd.pipeline.quicklook.rehearsal import rehearse as run

    run()
