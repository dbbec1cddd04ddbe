"""Writes FITS tables with columns of any storage, name and scale."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import ncompress
import numpy as np
from astropy.io import fits
from backports import zstd
from numpy.typing import NDArray

__all__ = ["PACKERS", "Column", "File", "integers", "table", "write"]


def _zipped(plain: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content", plain)
    return stream.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda plain: gzip.compress(plain, 1),
    ".bz2": lambda plain: bz2.compress(plain, 1),
    ".xz": lambda plain: lzma.compress(plain, preset=0),
    ".zst": zstd.compress,
    ".Z": ncompress.compress,
    ".zip": _zipped,
}
"""Compression by the ending of the file name."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column as stored in the file."""

    name: str
    """TTYPE."""
    form: str
    """TFORM."""
    values: Any
    """Stored values, before TSCAL and TZERO."""
    unit: str = ""
    """TUNIT. Empty: none."""
    scale: float = 1.0
    """TSCAL."""
    zero: float = 0.0
    """TZERO."""
    null: int | None = None
    """TNULL. None: none."""
    first: int | None = None
    """TLMIN. None: none."""


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file: tables and keywords."""

    name: str
    """File name."""
    tables: tuple[fits.BinTableHDU, ...]
    """Tables in order."""
    header: dict[str, Any]
    """Keywords of the whole file: telescope, detector, reference time."""


PLACE = "here    "
ODD_CARDS = {
    "NaN": b"ODDCARD =                  NaN".ljust(80),
    "Latin-1": "OBSERVER= 'Gonz\u00e1lez'".encode("latin-1").ljust(80),
    "HIERARCH": b"HIERARCH ESO odd card = 'a value' / of no use".ljust(80),
    "long": b"LONGTEXT= 'text that does not end here&'".ljust(80),
}
"""Cards that some writers add to a header and that have no effect."""

CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "mixed": str.title,
}


def table(
    name: str, columns: Sequence[Column], case: str = "upper", **header: Any
) -> fits.BinTableHDU:
    """Return a table; scaled columns are given as stored."""
    cased = CASES[case]
    made = [
        fits.Column(name=cased(each.name), format=each.form, array=each.values) for each in columns
    ]
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    for number, each in enumerate(columns, start=1):
        if each.unit:
            hdu.header[f"TUNIT{number}"] = each.unit
        if each.scale != 1.0:
            hdu.header[f"TSCAL{number}"] = each.scale
        if each.zero != 0.0:
            hdu.header[f"TZERO{number}"] = each.zero
        if each.null is not None:
            hdu.header[f"TNULL{number}"] = each.null
        if each.first is not None:
            hdu.header[f"TLMIN{number}"] = each.first
    for key, value in header.items():
        hdu.header[key] = value
    return hdu


def integers(name: str, values: NDArray[Any], form: str, **more: Any) -> Column:
    """Return a column of whole numbers in the form `J`, `I`, `U` (TZERO) or `H` (TSCAL).

    NaN becomes TNULL.
    """
    width = "" if values.ndim == 1 else str(values.shape[1])
    missing = ~np.isfinite(values)
    sound = np.where(missing, 0, values)
    letter, scale, zero, null = {
        "J": ("J", 1.0, 0.0, -99),
        "I": ("I", 1.0, 0.0, 32767),
        "U": ("I", 1.0, 32768.0, 32767),  # TNULL is a stored value: 65535 here
        "H": ("J", 0.5, 7.0, 2**31 - 1),
    }[form]
    stored = np.rint((sound - zero) / scale).astype(np.int32)
    stored[missing] = null
    kind = np.int16 if letter == "I" else np.int32
    return Column(
        name,
        f"{width}{letter}",
        stored.astype(kind),
        scale=scale,
        zero=zero,
        null=null if missing.any() else None,
        **more,
    )


def write(file: File, folder: Path, *, place: str, packing: str, extra: str, odd: str = "") -> Path:
    """Write a file; its keywords are in the primary header or in each table."""
    primary = fits.PrimaryHDU()
    headers = [primary.header] if place == "primary" else [hdu.header for hdu in file.tables]
    for header in headers:
        for key, value in file.header.items():
            header.setdefault(key, value)
    hdus = [primary, *file.tables]
    if extra == "image":
        hdus.insert(1, fits.ImageHDU(np.zeros((3, 2), np.float32), name="THUMBNAIL"))
    elif extra == "table":
        hdus.append(table("COMMENTS", [Column("TEXT", "8A", np.array(["nothing"]))]))
    if odd:
        primary.header["ODDCARD"] = PLACE
    stream = BytesIO()
    fits.HDUList(hdus).writeto(stream)
    content = stream.getvalue()
    if odd:
        card = f"ODDCARD = '{PLACE}'".ljust(80).encode()
        content = content.replace(card, ODD_CARDS[odd], 1)
    path = folder / f"{file.name}{packing}"
    path.write_bytes(PACKERS[packing](content))
    return path
