"""Crash-safe writing of products: after a crash a product is complete or not there at all."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from eclgrmd.errors import TransientError
from eclgrmd.machine import machine_error
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.products.product import Product

from .task_log import TaskLog

__all__ = ["deposit", "deposit_all", "describe", "disk_errors", "sync_folder", "synced"]

_DISK_DELAY_S = 30.0
"""Pause before a retry: the clean-up or a person needs time to make room or mount the disk."""
_WRITERS = 8
"""Products that are written at a time: a file system syncs many files in the time of one."""


@contextmanager
def disk_errors() -> Iterator[None]:
    """Raise an `OSError` of the disk as a transient error: the disk may have room again later."""
    try:
        yield
    except OSError as error:
        if (refusal := machine_error(error)) is not None:
            raise refusal from error
        why = f"products could not be written: {error}"
        raise TransientError(why, delay_s=_DISK_DELAY_S) from error


def deposit(product: Product, folder: Path) -> ProductFile:
    """Write a product and wait until it is on disk.

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


def deposit_all(products: Iterable[Product], folder: Path, log: TaskLog) -> tuple[ProductFile, ...]:
    """Write and log products; each is synced to disk while the next ones are made.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="writer") as writers:
        writing = [writers.submit(deposit, product, folder) for product in products]
        return tuple(_logged(each.result(), log) for each in writing)


def describe(product: Product) -> ProductFile:
    """Return name, size and checksum of a product."""
    return ProductFile(
        name=product.name,
        kind=product.kind,
        media_type=product.media_type,
        size=len(product.content),
        sha256=hashlib.sha256(product.content).hexdigest(),
    )


def synced(path: Path) -> bytes:
    """Wait until a file is on disk and return its content."""
    with path.open("rb") as file:
        content = file.read()
        os.fsync(file.fileno())
    return content


def sync_folder(folder: Path) -> None:
    """Wait until the entries of a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _logged(written: ProductFile, log: TaskLog) -> ProductFile:
    log.info("product written", name=written.name, size=written.size, sha256=written.sha256)
    return written
