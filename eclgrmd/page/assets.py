"""The files of the page, read once, with their compressed forms and a version of them all."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["INDEX", "POLICY", "Asset", "Site", "load_site"]

INDEX = "index.html"
"""Name of the first file, which names the others."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: only files of this service, and neither script nor style inline."""
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
"""Media types of the files that are served, by suffix; others are for readers of the sources."""


_VERSION = b"{version}"
"""What stands for the version in the first file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of the page."""

    media_type: str
    """Media type."""
    plain: bytes
    """Content."""
    compressed: bytes
    """Content in gzip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All files of the page."""

    version: str
    """Checksum of all files. It is a part of their paths, so that a browser may keep them."""
    assets: dict[str, Asset]
    """The files by their path below `static`."""


def load_site() -> Site:
    """Read all files of the page."""
    found = dict(sorted(_below(files("eclgrmd.page").joinpath("static"), "")))
    digest = blake2b(digest_size=8)
    for name, content in found.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    version = digest.hexdigest()
    found[INDEX] = found[INDEX].replace(_VERSION, version.encode())
    return Site(version=version, assets={name: _asset(name, found[name]) for name in found})


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _below(entry, f"{name}/")
        elif _suffix(name) in _MEDIA_TYPES:
            yield name, entry.read_bytes()


def _suffix(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        media_type=_MEDIA_TYPES[_suffix(name)],
        plain=content,
        compressed=gzip.compress(content, mtime=0),
    )
