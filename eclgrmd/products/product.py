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
    """`result.json`: all values."""
    LIGHT_CURVE = "light_curve"
    """Light curves with background, in several bins and bands (FITS)."""
    SPECTRUM = "spectrum"
    """Counts spectrum of one detector and interval (PHA)."""
    BACKGROUND = "background"
    """Background of a spectrum, or the model of all channels in time (FITS)."""
    RESPONSE = "response"
    """Response matrix of a spectrum (FITS)."""
    COMMANDS = "commands"
    """Commands that load spectra into another program (`.xcm` for XSPEC)."""
    FIT = "fit"
    """Parameters of fits with their covariance (SCat, FITS)."""
    FIGURE = "figure"
    """Figure (PNG)."""
    SUMMARY = "summary"
    """`summary.txt`: the main results as text."""
    LOG = "log"
    """`task.log`: log of the analysis, one JSON object on each line."""
    DRAFT = "draft"
    """Text that a person completes and sends: a circular, a notice."""
    STUDY = "study"
    """`coverage.json` or `spread.json`: how far the result can be trusted, made on request."""
    STEPS = "steps"
    """`steps.msgpack`: outcomes of the steps, for re-runs, plots and previews."""


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
