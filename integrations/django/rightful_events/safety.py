"""What goes wrong here is logged and counted, and never reaches the site."""

import functools
import logging
import threading

log = logging.getLogger("rightful_events")
_lock = threading.Lock()
_lost = 0


def lost():
    """How many events or notes this process could not write."""
    return _lost


def note_loss(what):
    """Counts a loss; the traceback is logged without the values."""
    global _lost
    with _lock:
        _lost += 1
    log.error("rightful_events: %s failed; %d lost so far in this process", what, _lost, exc_info=True)


def never_raises(function):
    """Logs and counts instead of raising; the answer is then None."""

    @functools.wraps(function)
    def safe(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception:  # noqa: BLE001 - the one place where everything is caught
            note_loss(function.__name__)
            return None

    return safe
