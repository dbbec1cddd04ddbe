"""The settings of the daemon with their types and defaults, one class per section."""

import os
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from eclgrmd.caches import kernels_beside_code
from eclgrmd.model.names import Instrument

from .kinds import AT_START, Count, Fixed, Positive, Seconds
from .rest import RestSettings

__all__ = [
    "AutomaticSettings",
    "ComputeSettings",
    "DatabaseSettings",
    "LinkSettings",
    "LogSettings",
    "MdbSettings",
    "NatsSettings",
    "QuickLookSettings",
    "ServiceSettings",
    "Settings",
    "StorageSettings",
    "TaskSettings",
]


class ServiceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Descriptor of the service in ServiceStatus messages; defaults of the founding document."""

    name: str = "IAP/LUPM-ECLGRM-ANALYSIS"
    """Name of the service."""
    uri: str = "svom://sgs.iap-lupm.com"
    """Address of the service within the mission."""
    instrument: str = "ECLAIR"
    """Instrument, as the founding document spells it."""
    mode: str = "CoreProgram"
    """Observation programme."""
    links: tuple[str, ...] = ("default",)
    """Links of the descriptor."""


class StorageSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Folders of the daemon, and limits on the files in them."""

    state_dir: Fixed = ""
    """Folder for everything durable; empty: $STATE_DIRECTORY, else /var/lib/eclgrmd for root, else
    ~/.local/state/eclgrmd."""
    runtime_dir: Fixed = ""
    """Folder for sockets and endpoints.json; empty: $RUNTIME_DIRECTORY, else `run` in state_dir."""
    files_dir: Fixed = ""
    """Folder for data and products, shared by all daemons on one database; empty: `files` in
    state_dir."""
    reserve_bytes: Annotated[int, Meta(ge=0)] = 2_000_000_000
    """Free disk space, bytes, below which new data are refused (507) and old files are removed."""
    keep_days: Positive = 90.0
    """Age, days, at which announced products and data without an open task are removed."""
    keep_bytes: Count = 500_000_000_000
    """Size of all files, bytes, beyond which the oldest are removed."""
    vhf_keep_days: Positive = 30.0
    """Age, days, at which the quick-look products of a burst are removed; its packets are removed
    at that age of the last packet."""
    vhf_keep_bytes: Count = 10_000_000_000
    """Size of all quick-look products and packets, bytes, beyond which the oldest are removed,
    products before packets."""


class DatabaseSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The MySQL or MariaDB server."""

    url: Fixed = ""
    """mysql://user@host:port/name or mysql://user@/name?unix_socket=PATH; empty: private server."""
    password_file: Fixed = ""
    """File with the password; empty: no password."""
    migration_url: Fixed = ""
    """URL of the same database with an account that may create and change tables: it does the
    migrations, and `eclgrmd restore`. The account of `url` then needs only SELECT, INSERT, UPDATE
    and DELETE on the database. Empty: the account of `url` does everything."""
    migration_password_file: Fixed = ""
    """File with the password for `migration_url`; empty: no password."""
    ca_file: Fixed = ""
    """File with the certificates of the authorities to trust; if set, TLS is required."""
    pool_size: Annotated[Count, AT_START] = 8
    """Most connections that are open at the same time."""
    timeout_s: Annotated[Positive, AT_START] = 10.0
    """Longest time for one statement, seconds."""


class NatsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The NATS server with JetStream."""

    url: Fixed = ""
    """nats://host:port or tls://host:port; empty: a private server."""
    user: Fixed = ""
    """Login name; empty: none."""
    password_file: Fixed = ""
    """File with the password; empty: none."""
    token_file: Fixed = ""
    """File with a token to log in with; empty: none."""
    credentials_file: Fixed = ""
    """NATS ``.creds`` file; empty: none."""
    nkey_file: Fixed = ""
    """File with the seed of a user's nkey (SU...), to log in with it; empty: none."""
    ca_file: Fixed = ""
    """File with the certificates of the authorities to trust; empty: those of the machine."""
    incoming_subject: Fixed = "data.bandx"
    """Subject of data notifications and tasks."""
    vhf_subject: Fixed = "data.vhf"
    """Subject of notices and packets of the VHF network."""
    activity_subject: Fixed = "activity.eclgrm"
    """Subject of all announcements."""
    timeout_s: Annotated[Positive, AT_START] = 5.0
    """Longest wait for one answer of the server, seconds."""
    announce_limit_s: Positive = 300.0
    """Age, seconds, of an unpublished announcement beyond which the daemon reports not ready."""


class ComputeSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Worker processes of the analysis."""

    workers: Annotated[int, Meta(ge=1, le=256), AT_START] = 2
    """Number of worker processes, each of which runs one task at a time."""
    memory_bytes: Annotated[int, Meta(ge=500_000_000), AT_START] = 6_000_000_000
    """Most bytes of data in the memory of one worker; files that are only mapped do not count."""
    sandbox: Annotated[Literal["on", "off"], AT_START] = "on"
    """Whether workers reach no network, no other program and no file beside those of their work, as
    far as the system can prevent it (see `eclgrmd selftest`)."""
    dask: Fixed = ""
    """Address of a Dask scheduler for campaigns, tls://host:port (tcp:// only on this machine:
    whoever reaches a scheduler can run programs there); empty: a cluster on this machine, which
    starts with the campaign."""
    dask_ca_file: Fixed = ""
    """Certificates of the authority of that cluster, PEM."""
    dask_cert_file: Fixed = ""
    """Certificate for connections to that cluster, PEM."""
    dask_key_file: Fixed = ""
    """Private key of that certificate, PEM; may be %d/NAME for a credential of systemd."""
    cache_dir: Fixed = ""
    """Folder for compiled kernels; empty: $CACHE_DIRECTORY, else in a writable checkout, else in
    state_dir."""


class TaskSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Limits on tasks and on the download of their files."""

    configuration_file: str = ""
    """Task configuration of the site (YAML, TOML or JSON), which a task may override; a relative
    path starts at the folder of the settings file; empty: none."""
    time_limit_s: Positive = 600.0
    """Longest time of one attempt, seconds."""
    max_attempts: Count = 3
    """Attempts of a task whose worker died or ran out of time or memory."""
    stop_limit_s: Seconds = 20.0
    """Time that a stop waits for running tasks before they return to the queue, seconds."""
    lease_s: Positive = 30.0
    """Time, seconds, after which a claim that is not renewed is free for another daemon. All
    daemons on one database need the same value."""
    poll_s: Positive = 2.0
    """Longest time between two looks for new work in the database, seconds."""
    max_open: Count = 200_000
    """Most tasks that have not ended; further ones are answered with 429, or wait in NATS."""
    fetch_attempts: Count = 5
    """Attempts to fetch a file of a data notification."""
    fetch_timeout_s: Positive = 30.0
    """Longest silence of a server, and the time for one attempt, seconds. Received bytes extend the
    latter by their time at `fetch_least_bytes_s`."""
    fetch_least_bytes_s: Positive = 20_000.0
    """Lowest accepted rate of one attempt, bytes/s; slower downloads are aborted."""
    fetch_wait_s: Positive = 259_200.0
    """Total time, seconds, that a file waits for problems on our side, such as a full disk, before
    it is given up."""


class AutomaticSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Analyses that start automatically when data of a burst arrive."""

    enabled: bool = True
    """False: only submitted tasks are computed."""
    analyses: tuple[Literal["temporal", "spectral", "joint"], ...] = (
        "temporal",
        "spectral",
        "joint",
    )
    """The analyses that start automatically."""
    expected: tuple[Instrument, ...] = (Instrument.ECLAIRS, Instrument.GRM)
    """Instruments for whose data the joint analysis waits, once a burst has data of one."""
    debounce_s: Seconds = 2.0
    """Time without a new file after which the files of a burst are analysed, seconds."""
    patience_s: Seconds = 60.0
    """Time, seconds, after which they are analysed although new files keep arriving."""
    joint_wait_s: Seconds = 3600.0
    """Time after the first file, seconds, after which the joint analysis no longer waits for other
    instruments."""


class MdbSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mission database, which is queried for the files of a burst."""

    url: Fixed = ""
    """http(s)://..., without a slash at the end; empty: no queries."""
    token_file: Fixed = ""
    """File with the token of the login; empty: none."""
    timeout_s: Annotated[Positive, AT_START] = 30.0
    """Longest time for one response, and longest silence within a file, seconds."""
    around_s: Positive = 3600.0
    """Files are queried from so long before the burst to so long after it, seconds."""
    retry_s: Positive = 30.0
    """First pause before a query for missing files is repeated, seconds; it doubles each time."""
    longest_retry_s: Positive = 3600.0
    """Longest pause before a query is repeated, seconds."""


class LinkSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may be fetched from other servers: data files that notifications announce."""

    allow: tuple[str, ...] = ()
    """Origins from which files may be fetched, beside that of mdb.url: https://host,
    http://host:8080, https://*.domain, https://*; with the port * any port. Empty: none."""
    networks: tuple[str, ...] = ()
    """Networks that are not public in which such hosts may be, for example 10.0.0.0/8. An address
    that `allow` or mdb.url itself names need not be repeated. Empty: none."""


class QuickLookSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The quick look at bursts from packets of the VHF network."""

    workers: Annotated[int, Meta(ge=1, le=64), AT_START] = 1
    """Worker processes that compute quick looks only."""
    silence_s: Positive = 60.0
    """Time without a packet, seconds, after which the quick look of a burst is final."""
    calibration_dir: str = ""
    """Folder with a response per detector, for coarse spectra; empty: no spectra. A folder that is
    made after the start is read after a reload."""
    products_s: Seconds = 20.0
    """Shortest time between two sets of products of a burst that is not final, seconds."""


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is written."""
    format: Annotated[Literal["auto", "console", "json", "journal"], AT_START] = "auto"
    """`auto`: the journal under systemd, a readable console on a terminal, else JSON lines."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of the daemon."""

    service: ServiceSettings = ServiceSettings()
    """Descriptor of the service in its messages."""
    storage: StorageSettings = StorageSettings()
    """Folders and retention."""
    rest: RestSettings = RestSettings()
    """REST interface."""
    database: DatabaseSettings = DatabaseSettings()
    """MySQL or MariaDB server."""
    nats: NatsSettings = NatsSettings()
    """NATS server."""
    compute: ComputeSettings = ComputeSettings()
    """Worker processes."""
    tasks: TaskSettings = TaskSettings()
    """Limits on tasks and downloads."""
    automatic: AutomaticSettings = AutomaticSettings()
    """Automatic analyses."""
    mdb: MdbSettings = MdbSettings()
    """Mission database."""
    links: LinkSettings = LinkSettings()
    """Links to files."""
    vhf: QuickLookSettings = QuickLookSettings()
    """Quick look."""
    log: LogSettings = LogSettings()
    """Log."""

    @property
    def state_dir(self) -> Path:
        """Folder for everything durable."""
        if self.storage.state_dir:
            return Path(self.storage.state_dir).expanduser().absolute()
        if from_systemd := os.environ.get("STATE_DIRECTORY"):
            return Path(from_systemd.split(":", 1)[0])
        if os.geteuid() == 0:
            return Path("/var/lib/eclgrmd")
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(home) / "eclgrmd"

    @property
    def opens_loopback(self) -> bool:
        """Whether programs of this machine need no token."""
        rest = self.rest.open_loopback
        return not self.database.url if rest == "auto" else rest == "on"

    @property
    def files_dir(self) -> Path:
        """Folder for data and products."""
        folder = self.storage.files_dir
        return Path(folder).expanduser().absolute() if folder else self.state_dir / "files"

    @property
    def runtime_dir(self) -> Path:
        """Folder for sockets and `endpoints.json`."""
        if self.storage.runtime_dir:
            return Path(self.storage.runtime_dir).expanduser().absolute()
        if from_systemd := os.environ.get("RUNTIME_DIRECTORY"):
            return Path(from_systemd.split(":", 1)[0])
        return self.state_dir / "run"

    @property
    def steps_key_file(self) -> Path:
        """Key of the digests over stored steps; daemons with the same files share it."""
        return self.files_dir / "steps.key"

    @property
    def scratch_dir(self) -> Path:
        """Folder for temporary files of workers, emptied at every start."""
        return self.state_dir / "scratch"

    @property
    def cache_dir(self) -> Path | None:
        """Folder for compiled kernels; None: inside the package of a writable checkout."""
        if self.compute.cache_dir:
            return Path(self.compute.cache_dir).expanduser().absolute()
        if from_systemd := os.environ.get("CACHE_DIRECTORY"):
            return Path(from_systemd.split(":", 1)[0])
        return self.state_dir / "cache" if kernels_beside_code() is None else None
