"""Check of the structure of a FITS file, before a library relies on its headers.

The raw headers are parsed, 80 bytes per card. Values that would make a reader loop, allocate or
parse without end are refused. The limits below bound the cost of the check itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from eclgrmd.errors import InputError

__all__ = ["DATA_OF_OURS", "check_structure"]

CARD_BYTES = 80
"""Length of a card (FITS 4.0, section 4.1)."""
BLOCK_BYTES = 2880
"""Length of a block (FITS 4.0, section 3.1)."""
MAX_EXTENSIONS = 500
"""Most extensions; the RSP2 files of GBM have tens."""
MAX_COLUMNS = 999
"""Most columns of a table (FITS 4.0, section 7.3.1)."""
MAX_ALL_COLUMNS = 10_000
"""Most columns of all tables together; astropy needs about 10 kB for each."""
MAX_HEADER_BYTES = 4 << 20
"""Longest header, 50,000 cards."""
MAX_ALL_HEADER_BYTES = 20 << 20
"""Longest headers of all extensions together."""
MAX_AXES = 999
"""Most axes of an array (FITS 4.0, section 4.4.1)."""
MAX_ROW_BYTES = 1 << 28
"""Longest row of a table; a response matrix of 4096 by 4096 channels in one row has a quarter."""
BITS = frozenset({8, 16, 32, 64, -32, -64})
"""Values of BITPIX (FITS 4.0, table 8)."""
WITHOUT_QUOTES = re.compile(r"SIMPLE|EXTEND|BITPIX|NAXIS\d{0,3}|PCOUNT|GCOUNT|TFIELDS")
"""Keywords whose value must not be a text: astropy fails on one."""
OPENING = {"SIMPLE": r"T", "EXTEND": r"[TF]|[+-]?\d+|'.*'"}
"""Values of the first keywords with which astropy can open a file."""
TEXT_ONLY = frozenset({b"SIMPLE", b"EXTEND", b"XTENSION"})
"""Cards that astropy must be able to parse to open a file or to find an extension."""
ELEMENT_BYTES = {
    "L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "K": 8,
    "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16,
}  # fmt: skip
"""Bytes of one element, by its letter in TFORM (FITS 4.0, table 18); bits (X) are counted apart."""
FORM = re.compile(r"(\d{0,18})([LXBIJKAEDCMPQ]).*")
"""TFORM: repeat count and letter."""
NEEDED = re.compile(
    r"SIMPLE|XTENSION|EXTEND|BITPIX|NAXIS\d{0,3}|PCOUNT|GCOUNT|GROUPS|TFIELDS|TFORM\d{1,3}|EXTNAME"
    r"|HDUCLAS1|ZIMAGE|ZTABLE"
)
"""Keywords that are checked here."""
CARD = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^/]*))")
"""Value of a card: a text in quotes, or anything up to the comment."""
DATA_OF_OURS = re.compile(
    r"EVENT|EVT|GTI|RATE|LIGHTCURVE|SPECTR|EBOUNDS|MATRIX|SPECRESP|BKGMODEL|BATSE|RESPONSE"
)
"""Names and classes of extensions with data that an analysis uses; they must not be skipped."""


def check_structure(stream: BinaryIO, size: int) -> int:
    """Check all headers of an open file; return their number.

    Parameters
    ----------
    stream
        The file, at any position.
    size
        Its length, bytes.

    Raises
    ------
    InputError
        If a header does not end or has an impossible value; if there are too many extensions,
        columns or cards; if the file is shorter than its headers declare; if a table that an
        analysis would use is stored in an unsupported way.
    """
    begin, headers, columns, index = 0, 0, 0, 0
    while begin < size:
        if index > MAX_EXTENSIONS:
            raise InputError(f"has more than {MAX_EXTENSIONS} extensions")
        stream.seek(begin)
        if index and stream.read(8) != b"XTENSION":
            break  # anything after the last extension is ignored (FITS 4.0, section 3.5)
        stream.seek(begin)
        header = _read_header(stream, index, size)
        headers += header.size
        if headers > MAX_ALL_HEADER_BYTES:
            raise InputError(f"has headers of more than {MAX_ALL_HEADER_BYTES} bytes")
        columns += header.check()
        if columns > MAX_ALL_COLUMNS:
            raise InputError(f"declares more than {MAX_ALL_COLUMNS} columns in all its tables")
        data = begin + header.size
        end = data + -(-header.data_bytes() // BLOCK_BYTES) * BLOCK_BYTES
        if end > size:
            raise InputError(
                f"is cut short: {header.name} ends at byte {end}, but the file has {size}"
            )
        begin, index = end, index + 1
    stream.seek(0)
    return index


@dataclass(frozen=True, slots=True)
class _Header:
    """The structural keywords of one header."""

    cards: dict[str, str]
    """Values of keywords, as text without quotes."""
    index: int
    """Number of the header; 0 is the primary one."""
    size: int
    """Length of the header, bytes; a multiple of the block length."""

    @property
    def name(self) -> str:
        """Name of the header in messages."""
        if not self.index:
            return "the primary array"
        return f"extension {self.cards.get('EXTNAME') or self.index}"

    @property
    def kind(self) -> str:
        """Type of the extension (IMAGE, TABLE, BINTABLE); empty for the primary header."""
        return self.cards.get("XTENSION", "")

    def check(self) -> int:
        """Check this header; return its number of table columns."""
        self._check_opening()
        self._check_axes()
        if self.cards.get("ZTABLE") == "T":
            self._refuse_data("is a compressed table (ZTABLE): unpack the file by funpack first")
        if self.kind == "TABLE":
            self._refuse_data("is an ASCII table: must be a binary one (BINTABLE)")
        return self._check_columns() if self.kind in {"BINTABLE", "A3DTABLE"} else 0

    def data_bytes(self) -> int:
        """Return the declared length of the data without padding, bytes."""
        sides = [self.integer(f"NAXIS{i + 1}") for i in range(self.integer("NAXIS"))]
        if sides and sides[0] == 0 and self.cards.get("GROUPS") == "T":
            sides = sides[1:]  # random groups
        if not sides:
            return 0
        elements = self.integer("GCOUNT", 1) * (self.integer("PCOUNT") + prod(sides))
        return abs(self.integer("BITPIX")) // 8 * elements

    def integer(self, key: str, default: int = 0) -> int:
        """Return an integer; only BITPIX may be negative."""
        written = self.cards.get(key)
        if written is None:
            return default
        if re.fullmatch(r"[+-]?\d{1,18}", written) is None:
            raise InputError(f"{self.name}: {key} is {written[:40]!r}: must be a whole number")
        value = int(written)
        if value < 0 and key != "BITPIX":
            raise InputError(f"{self.name}: {key} is {value}: must not be negative")
        return value

    def _check_opening(self) -> None:
        for key, right in OPENING.items():
            written = self.cards.get(key)
            if written is not None and re.fullmatch(right, written) is None:
                raise InputError(f"{self.name}: {key} is {written[:40]!r}: must be T")

    def _check_axes(self) -> None:
        if self.integer("BITPIX") not in BITS:
            bits = self.cards.get("BITPIX", "missing")
            raise InputError(f"{self.name}: BITPIX is {bits}: must be 8, 16, 32, 64, -32 or -64")
        axes = self.integer("NAXIS")
        if axes > MAX_AXES:
            raise InputError(f"{self.name}: NAXIS is {axes}: must be at most {MAX_AXES}")
        for axis in range(1, axes + 1):
            if f"NAXIS{axis}" not in self.cards:
                raise InputError(f"{self.name}: NAXIS is {axes}, but NAXIS{axis} is missing")

    def _check_columns(self) -> int:
        fields = self.integer("TFIELDS")
        if fields > MAX_COLUMNS:
            raise InputError(f"{self.name} declares more than {MAX_COLUMNS} columns")
        if self.integer("NAXIS") != 2 or self.integer("BITPIX") != 8:
            raise InputError(f"{self.name} is a table: must have NAXIS 2 and BITPIX 8")
        width = sum(self._width(column) for column in range(1, fields + 1))
        declared = self.integer("NAXIS1")
        if width != declared or width > MAX_ROW_BYTES:
            raise InputError(
                f"{self.name}: its columns have {width} bytes a row, but NAXIS1 is {declared}"
            )
        return fields

    def _width(self, column: int) -> int:
        form = self.cards.get(f"TFORM{column}", "").strip().upper()
        match = FORM.fullmatch(form)
        if match is None:
            raise InputError(f"{self.name}: TFORM{column} is {form[:40]!r}: no type of a column")
        repeat, letter = int(match[1] or 1), match[2]
        return -(-repeat // 8) if letter == "X" else repeat * ELEMENT_BYTES[letter]

    def _refuse_data(self, why: str) -> None:
        content = f"{self.cards.get('EXTNAME', '')} {self.cards.get('HDUCLAS1', '')}".upper()
        if DATA_OF_OURS.search(content):
            raise InputError(f"{self.name} {why}")


def _read_header(stream: BinaryIO, index: int, size: int) -> _Header:
    cards: dict[str, str] = {}
    read = 0
    for block in _blocks(stream):
        read += len(block)
        for start in range(0, BLOCK_BYTES, CARD_BYTES):
            card = block[start : start + CARD_BYTES]
            key = card[:8].rstrip()
            if key == b"END" and not card[8:].strip():
                return _Header(cards, index, read)
            if card[8:9] == b"=":
                if key in TEXT_ONLY:
                    _check_text(card, key.decode(), index)
                _keep(cards, key.decode("latin-1"), card[9:].decode("latin-1"))
        if read >= MAX_HEADER_BYTES:
            raise InputError(f"has a header of more than {MAX_HEADER_BYTES} bytes")
    where = f"the header of extension {index}" if index else "its first header"
    raise InputError(f"is damaged or cut short: {where} does not end (END) in {size} bytes")


def _check_text(card: bytes, key: str, index: int) -> None:
    if not (card.isascii() and card.decode().isprintable()):
        where = f"extension {index}" if index else "the primary array"
        raise InputError(f"{where}: the card {key} holds bytes that are no text: must be ASCII")


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while len(block := stream.read(BLOCK_BYTES)) == BLOCK_BYTES:
        yield block


def _keep(cards: dict[str, str], key: str, written: str) -> None:
    """Store the first value of a keyword if it is a structural one."""
    if key in cards or NEEDED.fullmatch(key) is None:
        return
    match = CARD.match(written)
    if match is not None and WITHOUT_QUOTES.fullmatch(key):
        cards[key] = match[0].strip()
    elif match is not None:
        cards[key] = (match[1] if match[1] is not None else match[2]).replace("''", "'").strip()
