"""TLS: of connections to the database and to NATS, and of our own server."""

import ssl
from pathlib import Path

from eclgrmd.errors import FatalError

__all__ = ["ServerCertificate", "tls_context"]


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


class ServerCertificate:
    """The certificate of our server, which can be read again while connections are open.

    Parameters
    ----------
    certificate_file
        The certificate and those of the authorities between it and the root, PEM.
    key_file
        Its private key, PEM without a passphrase; None: the key is in `certificate_file`.

    Raises
    ------
    FatalError
        If they cannot be read, or do not belong together.
    """

    def __init__(self, certificate_file: Path, key_file: Path | None) -> None:
        self._files = certificate_file, key_file
        self._newest = self._read()
        self.context = self._read()
        """Context of the listening socket; each new connection gets the newest certificate."""
        self.context.sni_callback = self._choose

    def renew(self) -> None:
        """Read the files again, for connections that are opened from now on.

        Raises
        ------
        FatalError
            If they cannot be read, or do not belong together; the certificate before stays.
        """
        self._newest = self._read()

    def _read(self) -> ssl.SSLContext:
        certificate, key = self._files
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.set_alpn_protocols(["http/1.1"])
        try:
            # Without a password OpenSSL would ask for that of an encrypted key on the terminal.
            context.load_cert_chain(certificate, key, password="")
        except (OSError, ValueError) as error:  # includes ssl.SSLError
            raise FatalError(
                f"rest.certificate_file = {str(certificate)!r}: no certificate with its key can be "
                f"read from it and {str(key or certificate)!r}: {error}"
            ) from error
        return context

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _own: ssl.SSLContext
    ) -> None:
        connection.context = self._newest
