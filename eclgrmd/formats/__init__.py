"""FITS and OGIP files to and from the values of the model."""

from .assemble import read_observation
from .inspect import FileDescription, inspect_file

__all__ = ["FileDescription", "inspect_file", "read_observation"]
