"""Asks Django itself who gets in; nothing that is asked here stays (each question is rolled back)."""

import contextlib
import json

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import connection, transaction

from tests import hands

NOBODY = "192.0.2.250"
VOLATILE = {
    "auth_user": ["last_login"],
    "django_session": ["session_data", "expire_date"],
}
OWNER = {
    "auth_user": "id",
    "authtoken_token": "user_id",
    "forum_post": "author_id",
    "social_auth_usersocialauth": "user_id",
    "rightful_events_contact": "user_id",
    "rightful_events_rehash": "user_id",
    "auth_user_groups": "user_id",
    "auth_user_user_permissions": "user_id",
}


@contextlib.contextmanager
def asked():
    """A question: whatever Django writes while it answers is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def session_opens(key):
    """The account a session cookie opens, or None."""
    client = hands.browser("judge")
    client.cookies["sessionid"] = key
    with asked():
        return hands.signed_in(client, NOBODY)


def token_opens(key):
    with asked():
        answer = hands.browser("judge").get("/api/whoami", REMOTE_ADDR=NOBODY, headers={"authorization": f"Token {key}"})
    return answer.json()["account"] if answer.status_code == 200 else None


def password_opens(account, password):
    user = User.objects.get(pk=account)
    with asked():
        return authenticate(None, username=user.username, password=password) is not None


def link_opens(path):
    from django.utils.http import urlsafe_base64_decode

    uid, token = path.rstrip("/").split("/")[-2:]
    user = User.objects.filter(pk=urlsafe_base64_decode(uid).decode()).first()
    return user is not None and default_token_generator.check_token(user, token)


def open_ways(account, secrets):
    """Every way in of a hand that still opens the account."""
    ways = [f"session {n}" for n, key in enumerate(secrets["cookies"]) if session_opens(key) is not None]
    ways += [f"token {n}" for n, key in enumerate(secrets["tokens"]) if token_opens(key) is not None]
    ways += [f"link {n}" for n, path in enumerate(secrets["links"]) if link_opens(path)]
    if secrets["password"] and password_opens(account, secrets["password"]):
        ways.append("password")
    return ways


def dump():
    """Every table as rows of text, each with the account it belongs to; volatile columns are named apart."""
    tables = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith("sqlite_"):
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [c[0] for c in cursor.description]
            rows = []
            for values in cursor.fetchall():
                row = {c: None if v is None else str(v) for c, v in zip(columns, values, strict=True)}
                rows.append({"owner": _owner(table, row), "row": row})
            rows.sort(key=lambda r: json.dumps(r, sort_keys=True))
            tables[table] = {"volatile": VOLATILE.get(table, []), "rows": rows}
    return tables


def _owner(table, row):
    if table == "django_session":
        return session_owner(row["session_data"])
    return row.get(OWNER.get(table, ""))


def session_owner(data):
    """Read with the site's own key, unlike the connector does."""
    try:
        return signing.loads(data, salt="django.contrib.sessions.SessionStore").get("_auth_user_id")
    except signing.BadSignature:
        return None


def compare(before, after, accounts, may_hide, ignore_volatile):
    """What differs: for others nothing may; for the accounts only what containment or its undo does."""
    problems, changed = [], {}
    for table in sorted(set(before) | set(after)):
        left, right = _rows(before, table, ignore_volatile), _rows(after, table, ignore_volatile)
        gone, come = [r for r in left if r not in right], [r for r in right if r not in left]
        for kind, key in ((("gone", "come")[i], k) for i, keys in enumerate((gone, come)) for k in keys):
            owner, row = json.loads(key)
            if owner not in accounts:
                problems.append({"table": table, "owner": owner, "row": kind, "columns": sorted(row)})
        changed.update(_of_the_accounts(table, gone, come, accounts, may_hide, problems))
    others = sum(1 for t in before.values() for r in t["rows"] if r["owner"] not in accounts)
    return {"problems": problems, "changed": changed, "others_rows": others}


def _of_the_accounts(table, gone, come, accounts, may_hide, problems):
    left = [r for o, r in map(json.loads, gone) if o in accounts]
    right = [r for o, r in map(json.loads, come) if o in accounts]
    if not left and not right:
        return {}
    if table in ("django_session", "authtoken_token"):
        if right:
            problems.append({"table": table, "row": "come", "count": len(right)})
        return {table: {"removed": len(left)}}
    allowed = {"auth_user": {"password", "last_login"}, "forum_post": {"hidden"}}.get(table, set())
    by_id = {r.get("id"): r for r in right}
    touched = {}
    for row in left:
        now = by_id.pop(row.get("id"), None)
        differing = {"(row gone)"} if now is None else {c for c in row if row[c] != now[c]}
        for column in differing:
            touched[column] = touched.get(column, 0) + 1
        if differing - allowed:
            problems.append({"table": table, "id": row.get("id"), "columns": sorted(differing - allowed)})
        if table == "forum_post" and "hidden" in differing and f"forum.post:{row['id']}" not in may_hide:
            problems.append({"table": table, "id": row["id"], "hidden": "an owner's own post"})
    if by_id:
        problems.append({"table": table, "row": "come", "count": len(by_id)})
    return {table: touched}


def _rows(dumped, table, ignore_volatile):
    found = dumped.get(table, {"rows": [], "volatile": []})
    out = set()
    for item in found["rows"]:
        row = {c: v for c, v in item["row"].items() if not (ignore_volatile and c in found["volatile"])}
        out.add(json.dumps([item["owner"], row], sort_keys=True))
    return out
