"""What a hand does at the site, owner's or intruder's: through its pages and its API, as anybody would."""

import hashlib
import re

from django.contrib.auth.models import User
from django.core import mail, signing
from django.test import Client

from tests.people import address


def browser(user_agent):
    return Client(headers={"user-agent": user_agent})


def session_key(client):
    cookie = client.cookies.get("sessionid")
    return cookie.value if cookie and cookie.value else None


def named(key):
    """As events name a session or token."""
    return hashlib.sha256(key.encode()).hexdigest()


def sign_in(client, name, password, ip):
    """Whether the site let them in."""
    return client.post("/login", {"username": name, "password": password}, REMOTE_ADDR=ip).status_code == 302


def sign_in_elsewhere(client, name, ip):
    assertion = signing.dumps(name, salt="identity provider")
    return client.post("/sso", {"assertion": assertion}, REMOTE_ADDR=ip).status_code == 302


def signed_in(client, ip):
    return client.get("/whoami", REMOTE_ADDR=ip).json()["account"]


def post(client, text, ip):
    """The object's name in events, or None where the session is over."""
    answer = client.post("/post", {"text": text}, REMOTE_ADDR=ip)
    return f"forum.post:{answer.json()['id']}" if answer.status_code == 200 else None


def token(client, name, password, ip):
    answer = client.post("/api/token", {"username": name, "password": password}, REMOTE_ADDR=ip)
    return answer.json()["token"] if answer.status_code == 200 else None


def post_by_token(client, key, text, ip):
    answer = client.post("/api/posts", {"text": text}, REMOTE_ADDR=ip, headers={"authorization": f"Token {key}"})
    return f"forum.post:{answer.json()['id']}" if answer.status_code == 200 else None


def reset_links(client, email, ip):
    """Asks for a reset link; what was mailed, by account."""
    before = len(getattr(mail, "outbox", []))
    client.post("/password/reset", {"email": email}, REMOTE_ADDR=ip)
    links = {}
    for message in getattr(mail, "outbox", [])[before:]:
        path = re.search(r"/password/reset/(\S+)/(\S+)", message.body)
        links[_account(path.group(1))] = {"path": path.group(0), "to": message.to[0]}
    return links


def follow(client, path, password, ip):
    """Whether the link let them set a password."""
    opened = client.get(path, REMOTE_ADDR=ip)
    if opened.status_code != 302:
        return False
    form = {"new_password1": password, "new_password2": password}
    return client.post(opened.headers["location"], form, REMOTE_ADDR=ip).status_code == 302


def change_password(client, old, new, ip):
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/change", form, REMOTE_ADDR=ip).status_code == 302


def account_named(name):
    return str(User.objects.values_list("pk", flat=True).get(username=name))


def _account(uid):
    from django.utils.http import urlsafe_base64_decode

    return urlsafe_base64_decode(uid).decode()


def from_device(device, dice):
    """An address the device is used from: mostly the first network."""
    network = device.networks[0] if dice.random() < 0.7 else dice.choice(device.networks)
    return address(network, dice)
