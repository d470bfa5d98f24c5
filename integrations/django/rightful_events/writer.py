"""One event, one line, appended whole: by several processes at once, across forks and log rotation.

The file is locked while a line is written; a line that could not be written to its end (a full disk) is taken back, so
that the next one does not continue it.
"""

import json
import os
import threading

from . import conf
from .safety import note_loss

try:
    import fcntl
except ImportError:  # not on this system: then one process alone may write
    fcntl = None

_lock = threading.Lock()
_open = {"fd": None, "path": None, "pid": None}


def write(event):
    """Appends an event; never raises."""
    path = conf.get("FILE")
    if not path:
        return
    try:
        line = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "replace")
        with _lock:
            _append(_descriptor(os.fspath(path)), line)
    except Exception:  # noqa: BLE001 - see safety
        note_loss("write")


def _descriptor(path):
    fd = _open["fd"]
    if fd is not None:
        # a lock belongs to the open file: a forked child needs one of its own; a rotated file is opened anew
        same = _open["path"] == path and _open["pid"] == os.getpid()
        try:
            there, here = os.stat(path), os.fstat(fd)
            same = same and (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)
        except FileNotFoundError:
            same = False
        if same:
            return fd
        os.close(fd)
        _open["fd"] = None
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _open.update(fd=fd, path=path, pid=os.getpid())
    return fd


def _append(fd, line):
    if fcntl:
        fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        before = os.fstat(fd).st_size
        done = 0
        try:
            while done < len(line):
                done += os.write(fd, line[done:])
        except OSError:
            if done:
                os.ftruncate(fd, before)
            raise
    finally:
        if fcntl:
            fcntl.flock(fd, fcntl.LOCK_UN)
