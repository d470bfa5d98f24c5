"""The history of addresses, and the fingerprints of rehashes."""

import hashlib

from django.contrib.auth import get_user_model
from django.db import transaction

from .clock import now_ms

BATCH = 1000


def fingerprint(user_key, stored):
    """A digest of a stored password in a domain of its own; the connector computes the same."""
    return hashlib.sha256(f"rightful/django/credential/v1\n{user_key}\n{stored}".encode()).hexdigest()


def email_of(user):
    """The user's address, or an empty text."""
    field = getattr(type(user), "get_email_field_name", lambda: "email")()
    return getattr(user, field, "") or ""


def changed(user_key, value):
    """Ends the present address and begins the new one (an empty one only ends)."""
    from .models import Contact

    now = now_ms()
    with transaction.atomic():
        Contact.objects.filter(user_id=str(user_key), kind="mail", until=None).update(until=now)
        if value:
            Contact.objects.create(user_id=str(user_key), value=value, since=now)


def proved(user_key):
    """Notes that the present address was shown to be theirs, the first time."""
    from .models import Contact

    present = Contact.objects.filter(user_id=str(user_key), kind="mail", until=None, verified_at=None)
    with transaction.atomic():
        present.update(verified_at=now_ms())


def reconcile(users=None, contact=None):
    """Notes addresses that were set past the signals (bulk writes, SQL, before installation): on file since now at least.

    Returns how many were noted.
    """
    if contact is None:
        from .models import Contact as contact
    model = users or get_user_model()
    field = getattr(get_user_model(), "get_email_field_name", lambda: "email")()
    known = dict(contact.objects.filter(kind="mail", until=None).values_list("user_id", "value"))
    now, fresh, ended = now_ms(), [], []
    for key, value in model.objects.values_list("pk", field).iterator():
        value, noted = value or "", known.get(str(key), "")
        if value == noted:
            continue
        if noted:
            ended.append(str(key))
        if value:
            fresh.append(contact(user_id=str(key), kind="mail", value=value, since=now))
    with transaction.atomic():
        for start in range(0, len(ended), BATCH):
            chunk = ended[start : start + BATCH]
            contact.objects.filter(user_id__in=chunk, kind="mail", until=None).update(until=now)
        contact.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)
