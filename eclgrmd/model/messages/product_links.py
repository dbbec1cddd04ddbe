"""Links to products, as announcements carry them."""

from collections.abc import Iterable

from eclgrmd.model.messages.facts import ProductLink
from eclgrmd.model.pipeline import ProductFile

__all__ = ["product_links"]


def product_links(files: Iterable[ProductFile], path: str) -> tuple[ProductLink, ...]:
    """Return the links of products that the REST service offers by name under `path`."""
    return tuple(
        ProductLink(
            name=file.name,
            kind=file.kind,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            link=f"{path}/{file.name}",
        )
        for file in files
    )
