"""TLS for connections to the database and to NATS."""

import ssl
from pathlib import Path

from eclgrmd.errors import FatalError

__all__ = ["tls_context"]


def tls_context(ca_file: Path | None) -> ssl.SSLContext | None:
    """Return a TLS context that trusts one authority and checks the server's name.

    Parameters
    ----------
    ca_file
        Certificates of the authority, PEM. None: connect without TLS; the result is None too.

    Raises
    ------
    FatalError
        If no certificates can be read from the file.
    """
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # includes ssl.SSLError
        raise FatalError(f"no certificates can be read from {ca_file}: {error}") from error
