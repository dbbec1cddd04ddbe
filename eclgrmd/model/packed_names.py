"""Names of compressed files."""

__all__ = ["PACKED_SUFFIXES", "unpacked_name"]

PACKED_SUFFIXES = (".gz", ".Z", ".bz2", ".xz", ".zst", ".zip")
"""Suffixes that compression adds to a file name. The first bytes decide whether a file is really
compressed."""


def unpacked_name(name: str) -> str:
    """Return a file name without the suffix of compression.

    >>> unpacked_name("a.pha.gz")
    'a.pha'
    """
    for suffix in PACKED_SUFFIXES:
        if name.lower().endswith(suffix.lower()):
            return name[: -len(suffix)]
    return name
