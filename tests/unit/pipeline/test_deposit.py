"""Products are on disk completely or not at all."""

import hashlib
from pathlib import Path

import pytest

from eclgrmd.model.pipeline import ProductFile
from eclgrmd.pipeline.deposit import deposit, describe, sync_folder
from eclgrmd.products.product import TEXT, Product, ProductKind


@pytest.fixture
def product() -> Product:
    return Product("summary.txt", ProductKind.SUMMARY, TEXT, b"T90 = 3 s\n")


def test_a_product_is_described_by_what_is_on_disk(product: Product, tmp_path: Path) -> None:
    written = deposit(product, tmp_path)
    content = (tmp_path / "summary.txt").read_bytes()
    assert written == ProductFile(
        name="summary.txt",
        kind="summary",
        media_type="text/plain; charset=utf-8",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    assert written == describe(product)


def test_nothing_unfinished_stays_and_a_second_attempt_overwrites(
    product: Product, tmp_path: Path
) -> None:
    (tmp_path / "summary.txt").write_bytes(b"of an earlier attempt")
    (tmp_path / ".summary.txt.part").write_bytes(b"killed while writing")
    deposit(product, tmp_path)
    sync_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["summary.txt"]
    assert (tmp_path / "summary.txt").read_bytes() == product.content
