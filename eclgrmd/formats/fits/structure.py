"""Check the structure of a FITS file before a library believes its headers.

The headers are walked in their raw form, 80 bytes a card. What would make a reader loop, allocate
or parse without end is refused here, at a cost that is bounded by the limits below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from eclgrmd.errors import InputError

__all__ = ["DATA_OF_OURS", "check_structure"]

CARD_BYTES = 80
BLOCK_BYTES = 2880
MAX_EXTENSIONS = 500
MAX_COLUMNS = 999
MAX_ALL_COLUMNS = 10_000
"""Columns of all tables together. A library keeps some 10 kB for each."""
MAX_HEADER_BYTES = 4 << 20
MAX_ALL_HEADER_BYTES = 20 << 20
MAX_AXES = 999
MAX_ROW_BYTES = 1 << 28
BITS = frozenset({8, 16, 32, 64, -32, -64})
WITHOUT_QUOTES = re.compile(r"SIMPLE|EXTEND|BITPIX|NAXIS\d{0,3}|PCOUNT|GCOUNT|TFIELDS")
"""Keywords whose value is no text: a library that finds one there breaks off."""
OPENING = {"SIMPLE": r"T", "EXTEND": r"[TF]|[+-]?\d+|'.*'"}
"""Values with which a library opens a file."""
TEXT_ONLY = frozenset({b"SIMPLE", b"EXTEND", b"XTENSION"})
"""Cards that a library must be able to parse to open a file, or to find an extension."""
ELEMENT_BYTES = {
    "L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "K": 8,
    "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16,
}  # fmt: skip
"""Bytes of one element, by its letter in TFORM; bits (X) are counted apart."""
FORM = re.compile(r"(\d{0,18})([LXBIJKAEDCMPQ]).*")
NEEDED = re.compile(
    r"SIMPLE|XTENSION|EXTEND|BITPIX|NAXIS\d{0,3}|PCOUNT|GCOUNT|GROUPS|TFIELDS|TFORM\d{1,3}|EXTNAME"
    r"|HDUCLAS1|ZIMAGE|ZTABLE"
)
CARD = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^/]*))")
DATA_OF_OURS = re.compile(
    r"EVENT|EVT|GTI|RATE|LIGHTCURVE|SPECTR|EBOUNDS|MATRIX|SPECRESP|BKGMODEL|BATSE|RESPONSE"
)
"""Extensions, by name or class, that must not be passed over because of the way they are stored."""


def check_structure(stream: BinaryIO, size: int) -> int:
    """Walk all headers of an open file; return how many there are.

    Parameters
    ----------
    stream
        The file, from its beginning.
    size
        Its length, bytes.

    Raises
    ------
    InputError
        When a header does not end, says what cannot be, or when there are too many of anything;
        when the file is shorter than its headers say; when a table that an analysis would use is
        stored in a way that is not read here.
    """
    begin, headers, columns, index = 0, 0, 0, 0
    while begin < size:
        if index > MAX_EXTENSIONS:
            raise InputError(f"has more than {MAX_EXTENSIONS} extensions")
        stream.seek(begin)
        if index and stream.read(8) != b"XTENSION":
            break  # what follows the last extension is nobody's
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
    """The keywords of one header that tell its structure."""

    cards: dict[str, str]
    index: int
    """0 for the primary header."""
    size: int
    """Bytes, whole blocks."""

    @property
    def name(self) -> str:
        """Return what a message calls it."""
        if not self.index:
            return "the primary array"
        return f"extension {self.cards.get('EXTNAME') or self.index}"

    @property
    def kind(self) -> str:
        """Return IMAGE, TABLE, BINTABLE or another type; empty for the primary header."""
        return self.cards.get("XTENSION", "")

    def check(self) -> int:
        """Check one header by itself; return its number of columns."""
        self._check_opening()
        self._check_axes()
        if self.cards.get("ZTABLE") == "T":
            self._refuse_data("is a compressed table (ZTABLE): unpack the file by funpack first")
        if self.kind == "TABLE":
            self._refuse_data("is an ASCII table: must be a binary one (BINTABLE)")
        return self._check_columns() if self.kind in {"BINTABLE", "A3DTABLE"} else 0

    def data_bytes(self) -> int:
        """Return the length of its data as declared, without padding."""
        sides = [self.integer(f"NAXIS{i + 1}") for i in range(self.integer("NAXIS"))]
        if sides and sides[0] == 0 and self.cards.get("GROUPS") == "T":
            sides = sides[1:]  # random groups
        if not sides:
            return 0
        elements = self.integer("GCOUNT", 1) * (self.integer("PCOUNT") + prod(sides))
        return abs(self.integer("BITPIX")) // 8 * elements

    def integer(self, key: str, default: int = 0) -> int:
        """Return a whole number that is not negative, but for BITPIX."""
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
            told = self.cards.get("BITPIX", "missing")
            raise InputError(f"{self.name}: BITPIX is {told}: must be 8, 16, 32, 64, -32 or -64")
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
        told = f"{self.cards.get('EXTNAME', '')} {self.cards.get('HDUCLAS1', '')}".upper()
        if DATA_OF_OURS.search(told):
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
    """Keep the first value of a keyword of structure."""
    if key in cards or NEEDED.fullmatch(key) is None:
        return
    match = CARD.match(written)
    if match is not None and WITHOUT_QUOTES.fullmatch(key):
        cards[key] = match[0].strip()
    elif match is not None:
        cards[key] = (match[1] if match[1] is not None else match[2]).replace("''", "'").strip()
