"""Errors of the operating system that an operator can mend: full disk, missing permission."""

import errno

from eclgrmd.errors import MachineError

__all__ = ["machine_error"]

_DELAY_S = 30.0
"""Time before the first retry: somebody has to act first, and that takes minutes."""
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
"""Sentence for each error number; ``{where}`` becomes the path in parentheses."""


def machine_error(error: OSError, path: str = "") -> MachineError | None:
    """Translate an error of the operating system into a sentence for the operator.

    Parameters
    ----------
    error
        The error of the operating system.
    path
        Folder or file that was read or written, used where the error itself names none.

    Returns
    -------
    MachineError or None
        None for an error that no operator can mend, such as a missing file.
    """
    reason = _REASONS.get(error.errno or 0)
    if reason is None:
        return None
    named = error.filename if isinstance(error.filename, str) else path
    return MachineError(reason.format(where=f" ({named})" if named else ""), delay_s=_DELAY_S)
