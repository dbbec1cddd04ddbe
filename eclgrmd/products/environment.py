"""The provenance of products: versions, configuration, seed and inputs."""

from collections.abc import Iterator

from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineRequest

from .png import with_text
from .product import PNG, Product
from .result.document import software_versions

__all__ = ["environment_of", "signed"]


def environment_of(request: PipelineRequest) -> tuple[str, ...]:
    """Return lines with task, configuration, seed, inputs, calibration and software versions."""
    return tuple(_lines(request))


def signed(product: Product, environment: tuple[str, ...]) -> Product:
    """Return a figure with the lines in a text chunk; other products are returned unchanged."""
    if product.media_type != PNG:
        return product
    content = with_text(product.content, "Source", "\n".join(environment))
    return Product(product.name, product.kind, product.media_type, content)


def _lines(request: PipelineRequest) -> Iterator[str]:
    yield f"task {request.task_id}"
    yield f"configuration sha256 {canonical_sha256(request.configuration)}"
    yield f"seed {request.configuration.seed}"
    for file in request.files:
        calibrates = file.kind in {FileKind.RESPONSE, FileKind.ANCILLARY}
        yield f"{'calibration' if calibrates else 'input'} {file.name} sha256 {file.sha256}"
    for name, number in software_versions().items():
        yield f"software {name} {number}"
