"""The log: constant sentences with fields, to the journal, as JSON lines or for people."""

from .setup import configure_logging, set_level

__all__ = ["configure_logging", "set_level"]
