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
    """Make the products of a version and put them into their folder, safely on disk.

    Raises
    ------
    TransientError
        When the disk is full or not there.
    """
    packets, _ = read_stored(request.packets)

    def measure(stream: GrowingBurst) -> BurstSoFar | None:
        stream.use_t0(request.update.t0_met_s)
        return stream.measure(final=request.update.final)

    found = measure_without_bad(packets, GrowingBurst, measure).found
    folder = Path(request.folder)
    products = make_products(
        request.update,
        () if found is None else found.instruments,
        request.told,
        proc_ver=request.proc_ver,
        date_utc=request.date_utc,
        program=request.program,
    )
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        files = tuple(deposit(product, folder) for product in products)
        sync_folder(folder)
    return files
