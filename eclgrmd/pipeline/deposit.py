"""Put products into a folder so that they are there whole, or not at all, after any crash."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eclgrmd.errors import TransientError
from eclgrmd.machine import machine_error
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.products.product import Product

__all__ = ["deposit", "describe", "disk_errors", "sync_folder"]

_DISK_DELAY_S = 30.0


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk refuses into `TransientError`: somebody, or the clean-up, makes room."""
    try:
        yield
    except OSError as error:
        if (trouble := machine_error(error)) is not None:
            raise trouble from error
        why = f"products could not be written: {error}"
        raise TransientError(why, delay_s=_DISK_DELAY_S) from error


def deposit(product: Product, folder: Path) -> ProductFile:
    """Write a product and wait until the disk has it.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    path = folder / product.name
    unfinished = folder / f".{product.name}.part"
    with unfinished.open("wb") as file:
        file.write(product.content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return describe(product)


def describe(product: Product) -> ProductFile:
    """Tell name, size and checksum of a product."""
    return ProductFile(
        name=product.name,
        kind=product.kind,
        media_type=product.media_type,
        size=len(product.content),
        sha256=hashlib.sha256(product.content).hexdigest(),
    )


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's own entries."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
