"""A report of a burst in one HTML file, which needs neither network nor other files."""

from .page import make_report

__all__ = ["make_report"]
