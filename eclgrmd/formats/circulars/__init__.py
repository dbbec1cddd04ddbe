"""Circulars of the General Coordinates Network: free text, in the manner of each mission."""

from .reading import read_circular

__all__ = ["read_circular"]
