"""All products and drafts of one update of the quick look."""

from collections.abc import Iterator, Sequence

import msgspec

from eclgrmd import __version__
from eclgrmd.analysis.quicklook.results import InstrumentSoFar
from eclgrmd.formats import Provenance
from eclgrmd.model.quicklook.notice import BurstNotices
from eclgrmd.model.quicklook.updates import QuickLookUpdate
from eclgrmd.products.file_keywords import FileKeywords
from eclgrmd.products.product import JSON, TEXT, Product, ProductKind

from .cards import encode_cards
from .circular import circular_draft
from .gcn import gcn_draft
from .tables import quick_look_tables
from .voevent import voevent_draft

__all__ = ["make_products"]

_XML = "application/xml"


def make_products(
    update: QuickLookUpdate,
    instruments: Sequence[InstrumentSoFar],
    notices: BurstNotices | None,
    *,
    proc_ver: int,
    date_utc: str,
    program: str,
) -> Iterator[Product]:
    """Make the products and drafts.

    Parameters
    ----------
    update
        The update, with all numbers.
    instruments
        The light curves of each instrument.
    notices
        Summary of the notices; None: there were none.
    proc_ver
        Number of this set of products of the burst.
    date_utc
        When they are made, ISO-8601 UTC.
    program
        PROGRAM of the primary keywords.
    """
    cards = []
    keywords = _keywords(update, proc_ver=proc_ver, date_utc=date_utc, program=program)
    for product in quick_look_tables(update, instruments, keywords):
        cards.append(product.name.removesuffix(".fits"))
        yield product
    yield Product("cards.json", ProductKind.RESULT, JSON, encode_cards(cards))
    whole = msgspec.json.format(msgspec.json.encode(update), indent=1)
    yield Product("quick-look.json", ProductKind.RESULT, JSON, whole)
    drafts = (
        ("refined.xml", _XML, voevent_draft(update, notices, date_utc)),
        ("refined.json", JSON, gcn_draft(update, notices, date_utc)),
        ("circular.txt", TEXT, circular_draft(update, notices)),
    )
    for name, media_type, content in drafts:
        if content is not None:
            yield Product(name, ProductKind.DRAFT, media_type, content)


def _keywords(
    update: QuickLookUpdate, *, proc_ver: int, date_utc: str, program: str
) -> FileKeywords:
    return FileKeywords(
        Provenance(
            burst_id=update.burst_id,
            card="",
            instrument="",
            date_utc=date_utc,
            t0_met_s=update.t0_met_s,
            t0_utc=update.t0_utc,
            program=program,
            obs_id=update.obs_id,
            proc_ver=proc_ver,
            pip_ver=__version__,
        )
    )
