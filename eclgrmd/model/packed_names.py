"""Names of packed files."""

__all__ = ["PACKED_SUFFIXES", "unpacked_name"]

PACKED_SUFFIXES = (".gz", ".Z", ".bz2", ".xz", ".zst", ".zip")
"""What packing adds to a file's name. Whether it is packed is told by its first bytes."""


def unpacked_name(name: str) -> str:
    """Return a file's name without what packing added: `a.pha` of `a.pha.gz`."""
    for suffix in PACKED_SUFFIXES:
        if name.lower().endswith(suffix.lower()):
            return name[: -len(suffix)]
    return name
