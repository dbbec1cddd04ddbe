"""Parsing of the text of a notice, which mailers and relays may have modified."""

import codecs
import re

from lxml import etree

from eclgrmd.errors import InputError
from eclgrmd.model.flags import Flag, FlagCode

__all__ = ["MOST_BYTES", "NAMESPACE", "notice_root"]

NAMESPACE = "http://www.ivoa.net/xml/VOEvent/v2.0"
MOST_BYTES = 100_000
"""Longest notice that is read; real ones have 4 kB."""
_NAMESPACES = re.compile(r"http://www\.ivoa\.net/xml/VOEvent/v2(\.\d{1,2})?")
"""Accepted namespaces."""
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?VOEvent\s*>")
"""End tag of the root element."""
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""First bytes of UTF-16."""
_BLANK = b" \t\r\n\f\v\0"
"""Bytes that are removed at both ends."""


def notice_root(payload: bytes) -> tuple[etree._Element, tuple[Flag, ...]]:
    """Return the root element of a notice, with tags without namespace, and flags about repairs.

    Entities are not expanded, nothing is fetched, and a document type declaration is refused.

    Raises
    ------
    InputError
        If it is not a complete VOEvent 2.x.
    """
    if len(payload) > MOST_BYTES:
        raise InputError(f"notice: {len(payload)} bytes, at most {MOST_BYTES} are read")
    root, flags = _parsed(payload)
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError("notice: holds a document type declaration, which is not taken")
    name = etree.QName(root)
    if name.localname != "VOEvent" or not _NAMESPACES.fullmatch(name.namespace or NAMESPACE):
        raise InputError(f"notice: is a {root.tag!r}, must be a VOEvent of {NAMESPACE}")
    if name.namespace != NAMESPACE:
        detail = f"namespace {name.namespace or 'missing'}: read as VOEvent 2.0"
        flags = (*flags, Flag(FlagCode.NOTICE_FORM, detail=detail))
    if not str(root.get("version", "")).strip().startswith("2."):
        detail = f"version {root.get('version')}: read as VOEvent 2.0"
        flags = (*flags, Flag(FlagCode.NOTICE_FORM, detail=detail))
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root, flags


def _parsed(payload: bytes) -> tuple[etree._Element, tuple[Flag, ...]]:
    if payload.startswith(_WIDE):
        return _tree(payload), ()
    flags: tuple[Flag, ...] = ()
    whole = payload.strip(_BLANK).removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    encoding = None
    if _declares_nothing(whole) and not _is_utf8(whole):
        encoding = "iso-8859-1"
        detail = "not UTF-8, and no encoding declared: read as Latin-1"
        flags = (Flag(FlagCode.NOTICE_FORM, detail=detail),)
    try:
        return _tree(whole, encoding), flags
    except InputError:
        end = _ROOT_END.search(whole)
        if end is None or end.end() == len(whole):
            raise
        root = _tree(whole[: end.end()], encoding)
        cut = Flag(FlagCode.NOTICE_FORM, detail="text behind its end left out")
        return root, (*flags, cut)


def _tree(text: bytes, encoding: str | None = None) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        encoding=encoding,
    )
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"notice: not well-formed XML: {error.msg}") from error


def _declares_nothing(text: bytes) -> bool:
    declaration = text.partition(b"?>")[0] if text.startswith(b"<?xml") else b""
    return re.search(rb"encoding\s*=\s*[\"'](?!utf-?8[\"'])", declaration, re.IGNORECASE) is None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
