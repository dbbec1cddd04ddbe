"""A burst in one archive: its products with contents, checksums, licence and citation."""

from .archive import ARCHIVE, archive_name, make_archive

__all__ = ["ARCHIVE", "archive_name", "make_archive"]
