"""Private MariaDB and NATS servers for a machine that has neither.

Each server is a child process that keeps all files in the daemon's state directory and is
initialised once. It ends with the daemon, even after ``kill -9``; if one ever survives, the next
daemon finds and ends it. Start the servers from the main thread: the kernel ends a child process
when the *thread* that started it ends.
"""

from .lock import FolderLock
from .mariadb import PrivateMariaDB
from .nats_server import PrivateNats
from .server import PrivateServer

__all__ = ["FolderLock", "PrivateMariaDB", "PrivateNats", "PrivateServer"]
