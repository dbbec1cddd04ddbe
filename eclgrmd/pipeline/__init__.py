"""From files to products on disk: what a worker process does with one task."""

from .runner import run

__all__ = ["run"]
