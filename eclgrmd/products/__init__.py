"""From what an analysis found to bytes: result.json, summary, figures, OGIP FITS."""

from .make import make_products
from .product import Product, ProductKind

__all__ = ["Product", "ProductKind", "make_products"]
