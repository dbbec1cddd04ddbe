"""How the certificate of a server that we connect to is checked."""

import ssl
from pathlib import Path

from eclgrmd.errors import FatalError

__all__ = ["trusting"]


def trusting(ca_file: Path | None) -> ssl.SSLContext | None:
    """Give TLS that trusts one authority and checks the server's name; None: no TLS.

    Raises
    ------
    FatalError
        When the file holds no certificates that can be read.
    """
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError too
        raise FatalError(f"no certificates can be read from {ca_file}: {error}") from error
