"""Products: named bytes with a kind and a media type."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FITS", "JSON", "JSON_LINES", "MSGPACK", "PNG", "TEXT", "Product", "ProductKind"]

FITS, PNG = "application/fits", "image/png"
JSON, JSON_LINES = "application/json", "application/jsonl"
TEXT, MSGPACK = "text/plain; charset=utf-8", "application/vnd.msgpack"


class ProductKind(StrEnum):
    """The kinds of products."""

    RESULT = "result"
    LIGHT_CURVE = "light_curve"
    SPECTRUM = "spectrum"
    BACKGROUND = "background"
    RESPONSE = "response"
    COMMANDS = "commands"
    """Commands that load spectra into another program."""
    FIT = "fit"
    """Parameters of fits with their covariance."""
    FIGURE = "figure"
    SUMMARY = "summary"
    LOG = "log"
    DRAFT = "draft"
    """Text that a person completes and sends."""
    STUDY = "study"
    """How far the result can be trusted."""
    STEPS = "steps"
    """Results of steps, for re-runs."""


@dataclass(frozen=True, slots=True)
class Product:
    """A file that an analysis delivers."""

    name: str
    """Unique within its task; a bare file name."""
    kind: ProductKind
    """Kind of product."""
    media_type: str
    """MIME type of the content."""
    content: bytes
    """The file's bytes."""
