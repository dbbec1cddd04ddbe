"""The pipeline from files to products on disk, run by tasks and by `eclgrmd analyze` alike."""

from .runner import run

__all__ = ["run"]
