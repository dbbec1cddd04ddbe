"""Product cards of the quick look: the mission's descriptions of products.

The form of a card and the two names `QHR_GRM` and `CRCLASS` are the mission's; the other names
follow its pattern Q<WHAT>_<INS> and are ours.
"""

import msgspec
from msgspec import Struct

__all__ = ["ProductCard", "encode_cards", "product_card"]

_DESCRIPTIONS = {
    "QLC": ("Quick Light Curves", "Light curves so far, in the measured band and in each band."),
    "QDUR": ("Quick Durations", "T90, T50, significance and peak rates so far, with errors."),
    "QHR": ("Quick Hardness Ratios", "Net counts of the hard over those of the soft band."),
    "QSP": ("Quick Spectrum", "Cutoff power law of the burst so far."),
    "CRCLASS": ("Class of the burst", "Short, long or unsure, with the probability of short."),
}
_PROGRAMS = ("CoreProgram",)
_UNIQUE_BY = ("OBS_ID", "BURST_ID")


class ProductCard(Struct, frozen=True):
    """A record of the mission's list of products."""

    card: str
    """Name of the card, the value of CARD, as `QHR_GRM`."""
    contact: str
    """Who answers for the product."""
    description: str
    """What the product holds, in a sentence."""
    dp_level: str
    """Level; Q2: a quick look at scientific level."""
    dstream: str
    """Stream of the data, the value of DSTREAM."""
    instrument: str
    """Instrument, the value of INSTRUME; ECLGRM: both."""
    name: str
    """Title of the product."""
    prdm_ver: str
    """Version of the product data model; n.a.: it has none."""
    programs: tuple[str, ...]
    """Observing programs that have the product."""
    unicity_rule: dict[str, tuple[str, ...]]
    """Keywords that distinguish a product from all others, by program."""


def product_card(card: str) -> ProductCard:
    """Return the card with a name, as `QHR_GRM`."""
    what, _, instrument = card.partition("_")
    name, description = _DESCRIPTIONS[what]
    return ProductCard(
        card=card,
        contact="ECLGRM",
        description=description,
        dp_level="Q2",
        dstream="VHF",
        instrument=instrument or "ECLGRM",
        name=f"{name} {instrument}".strip(),
        prdm_ver="n.a.",
        programs=_PROGRAMS,
        unicity_rule=dict.fromkeys(_PROGRAMS, _UNIQUE_BY),
    )


def encode_cards(cards: list[str]) -> bytes:
    """Return the cards with these names as JSON."""
    records = [product_card(card) for card in cards]
    return msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n"
