"""Products of one update of the quick look, made in a worker process."""

from pathlib import Path

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.results import BurstSoFar
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.quicklook.updates import QuickLookProductsRequest
from eclgrmd.pipeline.deposit import deposit, disk_errors, sync_folder
from eclgrmd.products.quicklook import make_products

from .bad_packets import measure_without_bad, read_stored

__all__ = ["deposit_products"]


def deposit_products(request: QuickLookProductsRequest) -> tuple[ProductFile, ...]:
    """Make the products of an update and write them durably into their folder.

    Raises
    ------
    TransientError
        If the disk is full or missing.
    """
    packets, _ = read_stored(request.packets)

    def measure(burst: GrowingBurst) -> BurstSoFar | None:
        burst.use_t0(request.update.t0_met_s)
        return burst.measure(final=request.update.final)

    found = measure_without_bad(packets, GrowingBurst, measure).found
    folder = Path(request.folder)
    products = make_products(
        request.update,
        () if found is None else found.instruments,
        request.notices,
        proc_ver=request.proc_ver,
        date_utc=request.date_utc,
        program=request.program,
    )
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        files = tuple(deposit(product, folder) for product in products)
        sync_folder(folder)
    return files
