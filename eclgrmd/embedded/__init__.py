"""Private MariaDB and NATS servers for a machine that has neither.

Each server is a child process that keeps everything under the daemon's state directory, is
initialised once, ends with the daemon (even after ``kill -9``) and is found again and ended, should
it ever survive one.  Start the servers from the main thread: the kernel ends a child when the
*thread* that made it ends.
"""

from .lock import FolderLock
from .mariadb import PrivateMariaDB
from .nats_server import PrivateNats
from .server import PrivateServer

__all__ = ["FolderLock", "PrivateMariaDB", "PrivateNats", "PrivateServer"]
