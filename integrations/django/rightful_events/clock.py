"""Now, in milliseconds since 1970 UTC.

For tests alone: the setting RIGHTFUL_CLOCK names a callable that gives milliseconds instead.
"""

import time

from django.conf import settings
from django.utils.module_loading import import_string


def now_ms():
    hook = getattr(settings, "RIGHTFUL_CLOCK", None)
    return int(import_string(hook)()) if hook else time.time_ns() // 1_000_000
