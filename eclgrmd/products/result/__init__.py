"""The document `result.json` with the results of an analysis, schema `eclgrmd.result/2`."""

from .document import UNITS, result_of, software_versions
from .encoding import encode, published
from .schema import result_schema

__all__ = ["UNITS", "encode", "published", "result_of", "result_schema", "software_versions"]
