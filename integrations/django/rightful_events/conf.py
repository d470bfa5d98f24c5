"""The one setting, RIGHTFUL_EVENTS, with its defaults; an unknown key is refused when the site starts."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

DEFAULTS = {
    # Where events go; without it nothing is written.
    "FILE": None,
    # The user's field that names the account in events: "pk", or "username".
    "ACCOUNT_FIELD": "pk",
    # Models whose new rows are events: {"forum.Post": {"kind": "post", "owner": "author", "text": "text"}}.
    "MODELS": {},
    # How many proxies of ours stand before the site: the address is taken from X-Forwarded-For, so many from the right.
    "TRUSTED_PROXIES": 0,
    # Former addresses in events as they are, not hashed.
    "PLAIN_CONTACTS": False,
    # The device cookie.
    "DEVICE_COOKIE": "rightful_device",
    # A callable (user) -> dict of more fields for the account record: language, time_zone, segment, service, ...
    "ACCOUNT": None,
}


def get(name):
    """A setting, or its default."""
    return getattr(settings, "RIGHTFUL_EVENTS", {}).get(name, DEFAULTS[name])


def check():
    """Refuses what nobody knows."""
    unknown = set(getattr(settings, "RIGHTFUL_EVENTS", {})) - set(DEFAULTS)
    if unknown:
        raise ImproperlyConfigured(
            f"RIGHTFUL_EVENTS: unknown {sorted(unknown)}; known are {sorted(DEFAULTS)}"
        )


def account_extra():
    """The site's own callable for account records, or None."""
    path = get("ACCOUNT")
    return import_string(path) if path else None
