"""The page of the products, from their kinds, names and keywords."""

import ast
import inspect

from eclgrmd.formats import Provenance
from eclgrmd.products import naming
from eclgrmd.products.product import ProductKind
from testbench.documentation.markdown import code, table

from .members import meanings_of

__all__ = ["products_page"]

_HEAD = """\
# Products and their keywords

The files that an analysis makes. FITS files follow OGIP (93-003 light curves, 92-007 spectra,
92-002 responses) and are read by XSPEC, sherpa, gdt-core and stingray. Figures carry task,
configuration, inputs and versions as a text chunk, FITS files as HISTORY.

This page is made from `eclgrmd/products`.
"""
_XBAND = """\
X-band products are named `<INS>-<WHAT>-<SUB>`, a convention of this project:

{names}
"""
_QUICK = """\
Quick-look products are named `Q<WHAT>_<INS>` (`QLC_GRM`, `QDUR_GRM`, `QHR_GRM`, `QSP_GRM`) and
`CRCLASS`.
"""


def products_page() -> str:
    """Return the page in Markdown."""
    names = (naming.__doc__ or "").partition("\n\n")[2]
    meanings = _fields()
    kinds = meanings_of(ProductKind)
    rows = [(code(kind.value), kinds[kind.name]) for kind in ProductKind]
    sample = Provenance(
        burst_id="sb26051301",
        card="GRM-LC-64MS",
        instrument="GRM",
        date_utc="2026-05-13T12:00:00Z",
        t0_met_s=0.0,
        t0_utc="2026-05-13T10:00:00Z",
    )
    cards = [
        (code(name), meanings.get(name, comment).removeprefix(f"{name}: "))
        for name, _, comment in sample.cards()
    ]
    return "\n".join(
        [
            _HEAD,
            "## Kinds\n",
            table(("kind", "what it is"), rows),
            "## Names\n",
            _XBAND.format(names=names),
            _QUICK,
            "## Primary keywords\n",
            "Of every FITS file; a quick-look product has DSTREAM `VHF`, others `XBand`.\n",
            table(("keyword", "meaning"), cards),
        ]
    )


def _fields() -> dict[str, str]:
    """Return the docstring of each field of the provenance that is a keyword, by keyword."""
    body = ast.parse(inspect.getsource(Provenance)).body[0]
    found = {}
    for text in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            meaning = " ".join(str(text.value.value).split())
            found[meaning.partition(":")[0]] = meaning
    return found
