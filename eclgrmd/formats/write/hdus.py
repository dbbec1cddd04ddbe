"""Common parts of written FITS files: extensions, their keywords, and the encoding."""

import io
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.formats.fits.astropy_fits import fits
from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Channels, Floats
from eclgrmd.model.plain_text import ascii_text

__all__ = ["MET", "Card", "Column", "bounds_table", "gti_table", "ogip", "table", "to_bytes"]

Card = tuple[str, str | int | float | bool, str]
"""Keyword, value and comment."""
Column = tuple[str, str, str, NDArray[Any]]
"""Name, TFORM, unit and values."""
MET = "MET"
"""Unit of a column of times. Seconds after t0 are stored, and TZERO converts them to MET, so that
the size of MET costs no precision."""


def table(
    name: str, columns: Iterable[Column], cards: Iterable[Card], provenance: Provenance
) -> Any:
    """Return a binary table extension; its header repeats mission, instrument, burst and times."""
    columns = list(columns)
    made = [
        fits.Column(name=key, format=form, unit="s" if unit == MET else unit or None, array=values)
        for key, form, unit, values in columns
    ]
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    for index, (_, _, unit, _) in enumerate(columns):
        if unit == MET:
            hdu.header[f"TZERO{index + 1}"] = (provenance.t0_met_s, "[s] added to what is stored")
            hdu.header[f"TSCAL{index + 1}"] = 1.0
    common = [card for card in provenance.cards() if card[0] in {"TELESCOP", "INSTRUME", "OBJECT"}]
    for key, value, comment in [*cards, *common, *provenance.time_cards()]:
        hdu.header[key] = (_card_value(value), comment)
    return hdu


def ogip(*classes: str) -> list[Card]:
    """Return the HDUCLASn keywords for a class and its subclasses."""
    return [
        ("HDUCLASS", "OGIP", "format conforms to OGIP standards"),
        *((f"HDUCLAS{i}", value, "kind of data") for i, value in enumerate(classes, start=1)),
    ]


def bounds_table(channels: Channels, detector: str, provenance: Provenance) -> Any:
    """Return an EBOUNDS extension."""
    return table(
        "EBOUNDS",
        [
            ("CHANNEL", "J", "", channels.number),
            ("E_MIN", "D", "keV", channels.e_min_kev),
            ("E_MAX", "D", "keV", channels.e_max_kev),
        ],
        [*ogip("RESPONSE", "EBOUNDS"), *channel_cards(channels.number, 1, detector)],
        provenance,
    )


def channel_cards(number: NDArray[np.int64], column: int, detector: str) -> list[Card]:
    """Return the keywords of detector and channels, for the column with channel numbers."""
    return [
        ("DETNAM", detector, "detector"),
        ("FILTER", "none", "no filter"),
        ("CHANTYPE", "PI", "type of channel"),
        ("DETCHANS", len(number), "number of channels"),
        (f"TLMIN{column}", int(number[0]), "lowest channel"),
        (f"TLMAX{column}", int(number[-1]), "highest channel"),
    ]


def gti_table(gti_s: Floats, detector: str, provenance: Provenance) -> Any:
    """Return a GTI extension with good time intervals, seconds after t0, shape (k, 2)."""
    columns = [("START", "D", MET, gti_s[:, 0]), ("STOP", "D", MET, gti_s[:, 1])]
    return table(
        "GTI", columns, [*ogip("GTI", "STANDARD"), ("DETNAM", detector, "detector")], provenance
    )


def to_bytes(provenance: Provenance, tables: Sequence[Any], cards: Iterable[Card] = ()) -> bytes:
    """Return a FITS file with the primary keywords, further ones, and these extensions."""
    primary = fits.PrimaryHDU()
    for key, value, comment in [*provenance.cards(), *cards]:
        primary.header[key] = (_card_value(value), comment)
    for line in provenance.history:
        primary.header.add_history(ascii_text(line))
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy cuts long comments and warns of it
        # Its check of each card takes a seventh of the time; the tests check what is written.
        fits.HDUList([primary, *tables]).writeto(buffer, output_verify="ignore")
    return buffer.getvalue()


def _card_value(value: str | float | bool) -> str | float | bool:
    """Return a value that a header can store: texts become printable ASCII."""
    return ascii_text(value) if isinstance(value, str) else value
