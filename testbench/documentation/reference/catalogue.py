"""The page of the catalogue, from its table of columns."""

from eclgrmd.products.catalogue import COLUMNS
from testbench.documentation.markdown import code, table

__all__ = ["catalogue_page"]

_HEAD = """\
# Catalogue columns

`eclgrmd catalogue FOLDER...`, `GET /api/v1/catalogue` and `burst.to_table()` have one row for
each result, with the columns below. Names follow Fermi's table FERMIGBRST where it has the same
quantity; UCDs are of the IVOA's vocabulary. A missing value is null (NaN in FITS), never 0.

This page is made from `eclgrmd/products/catalogue`.
"""


def catalogue_page() -> str:
    """Return the page in Markdown."""
    rows = [
        (code(each.name), each.kind, each.unit, code(each.ucd), each.description)
        for each in COLUMNS
    ]
    return _HEAD + "\n" + table(("column", "type", "unit", "UCD", "meaning"), rows)
