"""The provenance of products: versions, configuration, seed and inputs."""

import zlib
from collections.abc import Iterator
from struct import pack

from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineRequest

from .product import PNG, Product
from .result.document import software_versions

__all__ = ["environment_of", "signed"]

_PNG_HEAD = 33
"""Length of the signature and the first chunk, bytes; text chunks may follow."""


def environment_of(request: PipelineRequest) -> tuple[str, ...]:
    """Return lines with task, configuration, seed, inputs, calibration and software versions."""
    return tuple(_lines(request))


def signed(product: Product, environment: tuple[str, ...]) -> Product:
    """Return a figure with the lines in a text chunk; other products are returned unchanged."""
    if product.media_type != PNG:
        return product
    text = "\n".join(environment)
    content = product.content
    chunk = _chunk(b"tEXt", b"Source\0" + text.encode("latin-1", "replace"))
    return Product(
        product.name,
        product.kind,
        product.media_type,
        content[:_PNG_HEAD] + chunk + content[_PNG_HEAD:],
    )


def _lines(request: PipelineRequest) -> Iterator[str]:
    yield f"task {request.task_id}"
    yield f"configuration sha256 {canonical_sha256(request.configuration)}"
    yield f"seed {request.configuration.seed}"
    for file in request.files:
        calibrates = file.kind in {FileKind.RESPONSE, FileKind.ANCILLARY}
        yield f"{'calibration' if calibrates else 'input'} {file.name} sha256 {file.sha256}"
    for name, number in software_versions().items():
        yield f"software {name} {number}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file (ISO/IEC 15948)."""
    check = zlib.crc32(kind + content)
    return pack(">I", len(content)) + kind + content + pack(">I", check)
