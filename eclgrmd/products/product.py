"""A product: bytes with a name."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FITS", "JSON", "JSON_LINES", "MSGPACK", "PNG", "TEXT", "Product", "ProductKind"]

FITS, PNG = "application/fits", "image/png"
JSON, JSON_LINES = "application/json", "application/jsonl"
TEXT, MSGPACK = "text/plain; charset=utf-8", "application/vnd.msgpack"


class ProductKind(StrEnum):
    """What a product is."""

    RESULT = "result"
    LIGHT_CURVE = "light_curve"
    SPECTRUM = "spectrum"
    BACKGROUND = "background"
    RESPONSE = "response"
    COMMANDS = "commands"
    """That load spectra into another program."""
    FIGURE = "figure"
    SUMMARY = "summary"
    LOG = "log"
    DRAFT = "draft"
    """For a person to finish and send."""
    STEPS = "steps"
    """Outcomes of steps, for re-runs."""


@dataclass(frozen=True, slots=True)
class Product:
    """Something for people or programs to fetch."""

    name: str
    """Unique within its task; a bare file name."""
    kind: ProductKind
    media_type: str
    content: bytes
