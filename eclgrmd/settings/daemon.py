"""Settings of the daemon: frozen values from TOML, overridden by `ECLGRMD_*` variables."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from eclgrmd.caches import kernels_beside_code
from eclgrmd.errors import FatalError, InputError
from eclgrmd.model.decode import convert_value
from eclgrmd.model.names import Instrument, is_subject

__all__ = [
    "AutomaticSettings",
    "ComputeSettings",
    "DatabaseSettings",
    "LogSettings",
    "MdbSettings",
    "NatsSettings",
    "QuickLookSettings",
    "RestSettings",
    "ServiceSettings",
    "Settings",
    "StorageSettings",
    "TaskSettings",
    "load_settings",
    "needs_restart",
    "path_of",
    "read_secret",
]

Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
_PREFIX = "ECLGRMD_"


class AtStart:
    """Marks a setting that is read once, at the start: a new value needs a restart.

    All others are read where they are used, so that a reload changes them at once.
    """


AT_START = AtStart()
Fixed = Annotated[str, AT_START]
"""A text that is read at the start."""


class ServiceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the service says of itself in ServiceStatus."""

    name: str = "IAP/LUPM-ECLGRM-ANALYSIS"
    uri: str = "svom://sgs.iap-lupm.com"
    instrument: str = "ECLAIR"
    mode: str = "CoreProgram"
    links: tuple[str, ...] = ("default",)


class StorageSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the daemon keeps what it must not lose."""

    state_dir: Fixed = ""
    """Empty: $STATE_DIRECTORY, else /var/lib/eclgrmd for root, else ~/.local/state/eclgrmd."""
    runtime_dir: Fixed = ""
    """Sockets and endpoints.json; empty: $RUNTIME_DIRECTORY, else `run` in the state folder."""
    files_dir: Fixed = ""
    """Data and products, common to all daemons on one database; empty: `files` in state_dir."""
    reserve_bytes: Annotated[int, Meta(ge=0)] = 2_000_000_000
    """Free disk space below which new data are refused (507) and old files cleaned."""
    keep_days: Positive = 90.0
    """Age at which files are cleaned: announced products, data that no open task needs."""
    keep_bytes: Count = 500_000_000_000
    """Size of all files beyond which the oldest are cleaned."""
    vhf_keep_days: Positive = 30.0
    """Age at which a burst's quick-look products are cleaned, and its packets (by the last one)."""
    vhf_keep_bytes: Count = 10_000_000_000
    """Size of all of these beyond which the oldest are cleaned, products before packets."""


class RestSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The REST interface."""

    host: Fixed = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), AT_START] = 8641
    """0: any free port, told in the log and in endpoints.json."""
    public_url: str = ""
    """How clients reach it, the start of every link; empty: http://host:port."""
    max_upload_bytes: Count = 4_000_000_000
    max_json_bytes: Count = 4_000_000
    max_uploads: Count = 16
    """Uploads at a time; more are answered 429."""
    drain_s: Seconds = 10.0
    """How long a stop waits for requests in flight."""


class DatabaseSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """MySQL or MariaDB."""

    url: Fixed = ""
    """mysql://user@host:port/name or mysql://user@/name?unix_socket=PATH; empty: private."""
    password_file: Fixed = ""
    ca_file: Fixed = ""
    """Certificates of the authorities to trust; set, the connection must be TLS."""
    pool_size: Annotated[Count, AT_START] = 8
    timeout_s: Annotated[Positive, AT_START] = 10.0
    """Limit on one statement."""


class NatsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """NATS with JetStream."""

    url: Fixed = ""
    """nats://host:port or tls://host:port; empty: a private server."""
    user: Fixed = ""
    password_file: Fixed = ""
    token_file: Fixed = ""
    credentials_file: Fixed = ""
    ca_file: Fixed = ""
    """Certificates of the authorities to trust, instead of the machine's."""
    incoming_subject: Fixed = "data.bandx"
    vhf_subject: Fixed = "data.vhf"
    activity_subject: Fixed = "activity.eclgrm"
    timeout_s: Annotated[Positive, AT_START] = 5.0
    announce_limit_s: Positive = 300.0
    """Age of an announcement that NATS has not taken beyond which the daemon is not ready."""


class ComputeSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Worker processes."""

    workers: Annotated[int, Meta(ge=1, le=256), AT_START] = 2
    memory_bytes: Annotated[int, Meta(ge=500_000_000), AT_START] = 6_000_000_000
    """Memory that one worker may fill with data; files that are only mapped do not count."""
    cache_dir: Fixed = ""
    """Compiled kernels; empty: $CACHE_DIRECTORY, else beside a checkout's code, else state_dir."""


class TaskSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How tasks run."""

    configuration_file: str = ""
    """Task configuration of the site (YAML, TOML or JSON), below what a task says; a relative path
    is one beside the settings file; empty: none."""
    time_limit_s: Positive = 600.0
    """One attempt."""
    max_attempts: Count = 3
    """Attempts of a task whose worker died or ran out of time or memory."""
    stop_limit_s: Seconds = 20.0
    """How long a stop waits for running tasks before they go back to the queue."""
    lease_s: Positive = 30.0
    """A claim not renewed for so long is free for another daemon. All daemons on one database need
    the same value."""
    poll_s: Positive = 2.0
    """Longest wait before the database is looked at again."""
    max_open: Count = 200_000
    """Tasks that have not ended; more are answered 429, or wait in NATS."""
    fetch_attempts: Count = 5
    """Tries to fetch a file of a data notification."""
    fetch_timeout_s: Positive = 30.0
    """How long a server may be silent, and how much time one try has over all, beside what the
    bytes that came take at `fetch_least_bytes_s`."""
    fetch_least_bytes_s: Positive = 20_000.0
    """Least rate over all connections of one try, bytes/s: what is slower is given up."""
    fetch_wait_s: Positive = 259_200.0
    """How long a file waits in all for troubles of our own, as a full disk, before it is given
    up."""


class AutomaticSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Analyses that start by themselves when data of a burst arrive."""

    enabled: bool = True
    """False: only tasks that are sent are computed."""
    analyses: tuple[Literal["temporal", "spectral", "joint"], ...] = (
        "temporal",
        "spectral",
        "joint",
    )
    """Which."""
    expected: tuple[Instrument, ...] = (Instrument.ECLAIRS, Instrument.GRM)
    """Instruments whose data the joint analysis waits for, where a burst has data of one."""
    debounce_s: Seconds = 2.0
    """How long no file must have come before those there are analysed."""
    patience_s: Seconds = 60.0
    """How long files may go on coming before those there are analysed nevertheless."""
    joint_wait_s: Seconds = 3600.0
    """After the first file, when the joint analysis is made of what is there."""


class MdbSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mission database, asked for the files of a burst."""

    url: Fixed = ""
    """http(s)://..., without a slash at its end; empty: nobody is asked."""
    token_file: Fixed = ""
    timeout_s: Annotated[Positive, AT_START] = 30.0
    """Limit on one answer, and on silence within a file."""
    around_s: Positive = 3600.0
    """Files are asked for from so long before the burst to so long after it."""
    retry_s: Positive = 30.0
    """First pause before it is asked again for what is missing; then twice as long each time."""
    longest_retry_s: Positive = 3600.0


class QuickLookSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The quick look at bursts that still go on."""

    workers: Annotated[int, Meta(ge=1, le=64), AT_START] = 1
    """Worker processes that follow bursts and do nothing else."""
    silence_s: Positive = 60.0
    """A burst of which nothing came for so long is final."""
    calibration_dir: str = ""
    """Folder with a response per detector, for coarse spectra; empty: no spectra."""
    products_s: Seconds = 20.0
    """Least time between two sets of products of a burst that still goes on."""


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Annotated[Literal["auto", "console", "json", "journal"], AT_START] = "auto"
    """`auto`: the journal under systemd, a readable console on a terminal, else JSON lines."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of the daemon."""

    service: ServiceSettings = ServiceSettings()
    storage: StorageSettings = StorageSettings()
    rest: RestSettings = RestSettings()
    database: DatabaseSettings = DatabaseSettings()
    nats: NatsSettings = NatsSettings()
    compute: ComputeSettings = ComputeSettings()
    tasks: TaskSettings = TaskSettings()
    automatic: AutomaticSettings = AutomaticSettings()
    mdb: MdbSettings = MdbSettings()
    vhf: QuickLookSettings = QuickLookSettings()
    log: LogSettings = LogSettings()

    @property
    def state_dir(self) -> Path:
        """Folder for everything durable."""
        if self.storage.state_dir:
            return Path(self.storage.state_dir).expanduser().absolute()
        if given := os.environ.get("STATE_DIRECTORY"):
            return Path(given.split(":", 1)[0])
        if os.geteuid() == 0:
            return Path("/var/lib/eclgrmd")
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(home) / "eclgrmd"

    @property
    def files_dir(self) -> Path:
        """Folder for data and products."""
        given = self.storage.files_dir
        return Path(given).expanduser().absolute() if given else self.state_dir / "files"

    @property
    def runtime_dir(self) -> Path:
        """Folder for sockets and `endpoints.json`."""
        if self.storage.runtime_dir:
            return Path(self.storage.runtime_dir).expanduser().absolute()
        if given := os.environ.get("RUNTIME_DIRECTORY"):
            return Path(given.split(":", 1)[0])
        return self.state_dir / "run"

    @property
    def scratch_dir(self) -> Path:
        """Passing files of workers; emptied at every start."""
        return self.state_dir / "scratch"

    @property
    def cache_dir(self) -> Path | None:
        """Folder for compiled kernels; None: beside the code, in a checkout of our own."""
        if self.compute.cache_dir:
            return Path(self.compute.cache_dir).expanduser().absolute()
        if given := os.environ.get("CACHE_DIRECTORY"):
            return Path(given.split(":", 1)[0])
        return self.state_dir / "cache" if kernels_beside_code() is None else None


def needs_restart(key: FieldInfo) -> bool:
    """Return whether a new value of a key of a section has no effect before a restart."""
    return AT_START in getattr(key.type, "__metadata__", ())


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings from a TOML file (None: only the defaults) and the environment.

    Raises
    ------
    FatalError
        With file or variable, key, and what would be right.
    """
    table: dict[str, Any] = {}
    if path is not None:
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FatalError(f"settings file {path}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            # No TOML, no UTF-8, a number of thousands of digits, or nested too deeply.
            raise FatalError(f"settings file {path}: not TOML: {error}") from error
    try:
        settings: Settings = convert_value(table, Settings, what=f"settings file {path}")
        settings = _beside(_overridden(settings, environment), path)
        _check(settings)
    except InputError as error:
        raise FatalError(str(error)) from error
    return settings


def _beside(settings: Settings, path: Path | None) -> Settings:
    """Make the path of the site's task configuration absolute."""
    name = settings.tasks.configuration_file
    if not name:
        return settings
    folder = Path() if path is None else path.parent
    absolute = str((folder / Path(name).expanduser()).absolute())
    tasks = msgspec.structs.replace(settings.tasks, configuration_file=absolute)
    return msgspec.structs.replace(settings, tasks=tasks)


def path_of(setting: str) -> Path | None:
    """Give the file that a setting names, ``%d`` being systemd's credentials folder; None: none."""
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        setting = setting.replace("%d", folder)
    return Path(setting).expanduser() if setting else None


def read_secret(path: str, *, key: str) -> str | None:
    """Read a secret from its file; None where no file is set.

    Raises
    ------
    FatalError
        When the file cannot be read.
    """
    place = path_of(path)
    if place is None:
        return None
    try:
        return place.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FatalError(f"{key} = {path!r}: cannot be read: {error}") from error


def _overridden(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Apply `ECLGRMD_<SECTION>_<KEY>` variables."""
    changed: dict[str, dict[str, Any]] = {}
    names = {
        f"{_PREFIX}{section.name}_{field.name}".upper(): (section.name, field)
        for section in msgspec.structs.fields(Settings)
        for field in msgspec.structs.fields(section.type)
    }
    for variable, text in environment.items():
        if not variable.startswith(_PREFIX):
            continue
        if variable not in names:
            raise InputError(
                f"environment variable {variable}: no such setting "
                f"(allowed: {', '.join(sorted(names))})"
            )
        section, field = names[variable]
        several = isinstance(field.default, tuple)
        value: Any = [part for part in text.split(",") if part] if several else text
        changed.setdefault(section, {})[field.name] = convert_value(
            value, field.type, what=f"environment variable {variable}", strict=False
        )
    sections = {
        section: msgspec.structs.replace(getattr(settings, section), **values)
        for section, values in changed.items()
    }
    return msgspec.structs.replace(settings, **sections)


def _check(settings: Settings) -> None:
    database, nats, public = settings.database.url, settings.nats.url, settings.rest.public_url
    mdb = settings.mdb.url
    if database and not database.startswith("mysql://"):
        raise InputError(f"database.url = {database!r}: must start with mysql://")
    if nats and not nats.startswith(("nats://", "tls://")):
        raise InputError(f"nats.url = {nats!r}: must start with nats:// or tls://")
    if public and not public.startswith(("http://", "https://")):
        raise InputError(f"rest.public_url = {public!r}: must start with http:// or https://")
    if mdb and (not mdb.startswith(("http://", "https://")) or mdb.endswith("/")):
        raise InputError(f"mdb.url = {mdb!r}: must start with http:// or https:// and not end in /")
    for key in ("incoming_subject", "vhf_subject", "activity_subject"):
        if not is_subject(subject := getattr(settings.nats, key)):
            raise InputError(
                f"nats.{key} = {subject!r}: must be a NATS subject: words of visible ASCII "
                "characters with points between them, without the wildcards * and >"
            )
    for key, url in (("database.url", database), ("nats.url", nats)):
        if "@" in url and ":" in url.split("//", 1)[1].split("@", 1)[0]:
            raise InputError(f"{key}: holds a password; name a file in password_file instead")
