"""The archive: a ZIP file whose bytes follow from its content alone."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from eclgrmd.model.names import identifier_from
from eclgrmd.model.result import Result

from .texts import citation, contents, licence

__all__ = ["ARCHIVE", "archive_name", "make_archive"]

ARCHIVE = "application/zip"
"""Media type of an archive."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""Date of every member: the first that ZIP knows. A real one would change the bytes."""
_MODE = 0o100644 << 16
"""Attributes of every member: a file that its owner may write."""
_STORED = (".png", ".gz", ".zip")
"""Suffixes of members that are compressed already."""


def archive_name(result: Result) -> str:
    """Return the file name of the archive of a result: burst and processing version."""
    return f"{_folder(result)}.zip"


def make_archive(result: Result, files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP file with the products of a result in a folder named after burst and version.

    It also holds README.txt (what each file is), SHA256SUMS (for `sha256sum -c`), LICENSE.txt and
    CITATION.cff. The same files give the same bytes.

    Parameters
    ----------
    result
        The result.
    files
        Content of each product by file name.
    """
    members = dict(sorted(files.items()))
    members["LICENSE.txt"] = licence().encode()
    members["CITATION.cff"] = citation(result).encode()
    members["README.txt"] = contents(result, sorted(files)).encode()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    lines = [f"{number}  {name}\n" for name, number in sorted(sums.items())]
    members["SHA256SUMS"] = "".join(lines).encode()
    buffer, folder = io.BytesIO(), _folder(result)
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(members.items()):
            member = zipfile.ZipInfo(f"{folder}/{name}", _DATE)
            member.external_attr = _MODE
            member.create_system = 3  # Unix, whatever machine writes it
            stored = name.endswith(_STORED)
            member.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()


def _folder(result: Result) -> str:
    burst = identifier_from(result.burst.id) or "burst"
    return f"{burst}_v{result.process.proc_ver:02d}"
