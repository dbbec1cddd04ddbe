"""Product cards of the quick look: what a product is, and what makes one unique.

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
    contact: str
    description: str
    dp_level: str
    """Q2: a quick look at scientific level."""
    dstream: str
    instrument: str
    name: str
    prdm_ver: str
    programs: tuple[str, ...]
    unicity_rule: dict[str, tuple[str, ...]]
    """By program, the keywords that tell a product from all others."""


def product_card(card: str) -> ProductCard:
    """Give the card of a product by the name that its keyword CARD has, such as `QHR_GRM`."""
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
    """Write the cards of these products as JSON."""
    records = [product_card(card) for card in cards]
    return msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n"
