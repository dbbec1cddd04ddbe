"""Troubles of the machine that pass when somebody helps: no room, no descriptors, no rights."""

import errno

from eclgrmd.errors import MachineError

__all__ = ["machine_trouble"]

_DELAY_S = 30.0
_REASONS = {
    errno.ENOSPC: "no space left on the disk{where}: make room",
    errno.EDQUOT: "the disk quota is used up{where}: make room",
    errno.EFBIG: "no room for so large a file{where}: make room",
    errno.EMFILE: "too many open files: raise the limit (`ulimit -n`; LimitNOFILE= of a service)",
    errno.ENFILE: "too many open files on this machine: raise fs.file-max",
    errno.EIO: "the disk cannot be read or written{where}: input/output error",
    errno.EROFS: "the disk is mounted read-only{where}",
    errno.EACCES: "permission denied{where}",
    errno.EPERM: "permission denied{where}",
    errno.ENOMEM: "no memory left",
}


def machine_trouble(error: OSError, place: str = "") -> MachineError | None:
    """Return what the machine lacks as an error with a clear sentence; None for other errors.

    Parameters
    ----------
    error
        The error of the operating system.
    place
        Folder or file that was read or written, where the error itself does not name one.
    """
    reason = _REASONS.get(error.errno or 0)
    if reason is None:
        return None
    named = error.filename if isinstance(error.filename, str) else place
    return MachineError(reason.format(where=f" ({named})" if named else ""), delay_s=_DELAY_S)
