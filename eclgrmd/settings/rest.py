"""The settings of the REST interface."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .kinds import AT_START, Count, Fixed, Positive, Seconds

__all__ = ["RestSettings"]


class RestSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The REST interface."""

    host: Fixed = "127.0.0.1"
    """Address to listen on; 0.0.0.0 or :: for all."""
    port: Annotated[int, Meta(ge=0, le=65535), AT_START] = 8641
    """Port to listen on; 0: any free port, see the log or endpoints.json."""
    certificate_file: Fixed = ""
    """File with the certificate of the service and those of the authorities between it and the
    root, PEM; empty: no TLS. A reload reads it again, for connections that are opened then."""
    key_file: Fixed = ""
    """File with the private key of the certificate, PEM; empty: it is in `certificate_file`."""
    public_url: str = ""
    """URL under which clients reach the service, the start of every link; empty:
    http://host:port, or https://host:port with a certificate."""
    open_loopback: Literal["auto", "on", "off"] = "auto"
    """Whether programs of this machine may do everything without a token, at 127.0.0.1 or ::1.
    `auto`: only if the daemon runs its own database. Never through a socket that systemd holds."""
    hosts: tuple[str, ...] = ()
    """Further names by which clients call the service, beside that of `public_url`, addresses and
    `localhost`; requests for other names are refused."""
    proxy_user_header: str = ""
    """Header with the name of the user whom a proxy has logged in, for example X-Remote-User. The
    proxy must remove it from what clients send. Empty: no proxy is trusted."""
    proxy_addresses: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses of the proxy whose header is trusted."""
    proxy_role: Literal["reader", "scientist", "operator"] = "reader"
    """Role of the users of the proxy."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages on other servers that may use REST, or `*`; empty: none."""
    max_upload_bytes: Count = 4_000_000_000
    """Largest data file that is received or fetched, bytes."""
    max_json_bytes: Count = 4_000_000
    """Largest JSON body of a request, bytes."""
    max_uploads: Count = 16
    """Most concurrent uploads; further ones are answered with 429."""
    client_requests: Count = 12_000
    """Most requests of one client in a minute; further ones are answered with 429. Clients are told
    apart by their token, by the user that a trusted proxy names, or else by their address."""
    client_uploads: Count = 12
    """Most concurrent uploads of one client; further ones are answered with 429."""
    client_previews: Count = 2
    """Most bursts that one client keeps for previews; another one replaces the oldest."""
    client_streams: Count = 50
    """Most streams of events that one client has open; further ones are answered with 429."""
    preview_sessions: Annotated[int, Meta(ge=0, le=100)] = 4
    """Most bursts whose data are kept for previews at a time, each in a process of its own; 0: no
    previews."""
    preview_idle_s: Positive = 300.0
    """Time without a preview after which such a process ends, seconds."""
    drain_s: Seconds = 10.0
    """Time that a stop waits for requests in flight, seconds."""

    @property
    def is_secure(self) -> bool:
        """Whether clients reach the service by TLS."""
        return bool(self.certificate_file) or self.public_url.startswith("https://")
