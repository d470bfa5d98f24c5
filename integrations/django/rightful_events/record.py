"""Makes an event from what happened and the request it happened in."""

import contextvars
import hashlib
import os

from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.utils.functional import LazyObject, empty

from . import conf, writer
from .clock import now_ms
from .safety import never_raises

current_request = contextvars.ContextVar("rightful_events_request", default=None)

TEXT_MAX = 20_000


@never_raises
def record(kind, request=None, account=None, *, at_once=False, **fields):
    """Writes one event of the schema: record("post", request, object="17", text="…").

    `account` is a user or an account's id; without it, the request's user. Further fields go by their names in the
    schema; None is left out. It is written when the transaction is committed (at once where `at_once`): what was rolled
    back has not happened.
    """
    request = request if request is not None else current_request.get()
    request = getattr(request, "_request", request)
    if account is None:
        account = getattr(request, "user", None)
    name = account_id(account)
    if name is None:
        return
    event = {"id": event_id(), "time": now_ms(), "account": name, "kind": kind}
    if request is not None:
        event.update(about(request))
    if isinstance(fields.get("text"), str):
        fields["text"] = fields["text"][:TEXT_MAX]
    event.update(fields)
    event = {key: value for key, value in event.items() if value is not None and value != ""}
    if at_once:
        writer.write(event)
    else:
        transaction.on_commit(lambda: writer.write(event), robust=True)


def account_id(account):
    """The account's name in events; None for nobody."""
    if account is None or isinstance(account, (str, int)):
        return None if account is None else str(account)
    field = conf.get("ACCOUNT_FIELD")
    value = account.pk if field == "pk" else getattr(account, field, None)
    return None if value is None else str(value)


def about(request):
    """What a request tells: session (hashed), device, address, client, application."""
    token = getattr(request, "auth", None)
    by_token = token_name(token)
    meta = request.META
    return {
        "session": hashed(token_key(token)) if by_token else session_of(request),
        "device": None if by_token else device_of(request),
        "ip": address(meta),
        "user_agent": meta.get("HTTP_USER_AGENT", "")[:512],
        "app": by_token or "web",
    }


def actor_key(request):
    """The key of whoever is signed in, as text; None for nobody.

    The user is not loaded for it: Django checks the session against the stored password then, and while a password is
    being saved that would end the very session it is saved in.
    """
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user._wrapped is empty:
        session = getattr(request, "session", None)
        key = session.get(SESSION_KEY) if session is not None else None
    else:
        key = user.pk if user is not None and user.is_authenticated else None
    return None if key is None else str(key)


def session_of(request):
    """The session's name in events: a hash of its key, with which nobody can sign in."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    return hashed(key) if key else None


def device_of(request):
    """The device cookie; asked for, it will be set with the answer (see middleware)."""
    device = getattr(request, "rightful_device", None)
    if device:
        request.rightful_device_used = True
    return device


def token_name(token):
    """What a token is called in events and plans; None where the request came without one."""
    if token is None:
        return None
    application = getattr(token, "application", None)
    if application is not None:
        return getattr(application, "client_id", None)
    module = type(token).__module__.split(".")[0]
    return {"rest_framework": "drf-token", "knox": "knox-token"}.get(module, f"token:{type(token).__name__}")


def token_key(token):
    """A stable text of the token, to be hashed only."""
    return str(getattr(token, "pk", None) or token)


def address(meta):
    """The client's address, as far as our own proxies vouch for it."""
    proxies = conf.get("TRUSTED_PROXIES")
    if proxies:
        hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return hops[-proxies]
    return meta.get("REMOTE_ADDR")


def hashed(text):
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(str(text).encode()).hexdigest()


def event_id():
    """Unique for ever: milliseconds, then 80 random bits; sorts by time."""
    return f"{now_ms():012x}{os.urandom(10).hex()}"
