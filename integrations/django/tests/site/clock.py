"""The forum's time: the real one, moved by `ahead_ms`. Django's own moments follow it."""

import datetime
import time

from django.utils import timezone

ahead_ms = 0


def now_ms():
    return time.time_ns() // 1_000_000 + ahead_ms


def follow():
    """From here on Django's timezone.now() is the forum's."""
    timezone.now = lambda: datetime.datetime.fromtimestamp(now_ms() / 1000, datetime.timezone.utc)


def move_to(moment_ms):
    """Makes `moment_ms` now."""
    global ahead_ms
    ahead_ms = moment_ms - time.time_ns() // 1_000_000
