"""Writes the account records (account record v1) as JSON Lines, with the history of addresses that the app has kept."""

import json
import os
import sys

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from rightful_events import conf, contacts
from rightful_events.models import Contact
from rightful_events.record import account_id

SOCIAL = [("social_django", "UserSocialAuth"), ("socialaccount", "SocialAccount")]


class Command(BaseCommand):
    help = "Account records as JSON Lines, to FILE or standard output."

    def add_arguments(self, parser):
        parser.add_argument("--out", metavar="FILE", help="written beside and moved into place; readable by its owner only")
        parser.add_argument("--social", metavar="TABLE", help="a table with user_id of those who sign in elsewhere")

    def handle(self, *args, out=None, social=None, **options):
        contacts.reconcile()
        lines = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in records(social))
        if not out:
            sys.stdout.writelines(lines)
            return
        beside = f"{out}.part"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(lines)
        os.replace(beside, out)


def records(social_table=None):
    """One record a user, by key."""
    history = {}
    for row in Contact.objects.filter(kind="mail").order_by("-since", "-id"):
        history.setdefault(row.user_id, []).append(row)
    social, extra = _social(social_table), conf.account_extra()
    for user in get_user_model()._default_manager.order_by("pk").iterator():
        credentials = []
        if user.password and user.has_usable_password():
            credentials.append("password")
        if str(user.pk) in social:
            credentials.append("sso")
        record = {
            "account": account_id(user),
            "active": user.is_active,
            "credentials": credentials or ["none"],
            "contacts": _contacts(user, history.get(str(user.pk), [])),
            "protected": bool(getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)),
            "at_risk": False,
            "service": False,
            "sentinel": False,
            "probe": False,
        }
        joined = getattr(user, "date_joined", None)
        if joined is not None:
            record["created"] = int(joined.timestamp() * 1000)
        if extra:
            record.update(extra(user))
        yield record


def _contacts(user, rows):
    """The present address first, then former ones, newest first; each once, as it was last."""
    seen, listed = set(), []
    for row in rows:
        if row.value.lower() in seen:
            continue
        seen.add(row.value.lower())
        contact = {"kind": "mail", "value": row.value, "since": row.since}
        if row.verified_at is not None:
            contact["verified_at"] = row.verified_at
        listed.append((row.value.lower() != contacts.email_of(user).lower(), contact))
    return [contact for _, contact in sorted(listed, key=lambda item: item[0])]


def _social(table):
    from django.db import connection

    found = set()
    for label, name in SOCIAL:
        if apps.is_installed({"socialaccount": "allauth.socialaccount"}.get(label, label)):
            found.update(str(key) for key in apps.get_model(label, name).objects.values_list("user_id", flat=True))
    if table:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT user_id FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
            found.update(str(row[0]) for row in cursor.fetchall())
    return found
