"""The app on a real site: what is written, and that it never gets in the site's way."""

import json
import multiprocessing
import os
import tempfile
from pathlib import Path
from unittest import mock

from django.contrib.auth.models import User
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client, RequestFactory, TransactionTestCase, override_settings

from rightful_events import contacts, record, safety, writer
from rightful_events.management.commands.rightful_accounts import records
from rightful_events.models import Contact, Rehash

PASSWORD = "a long password of ann's"


class Site(TransactionTestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = Path(self.folder.name) / "events.jsonl"
        self.settings_with()
        self.ann = User.objects.create_user("ann", "ann@mail.test", PASSWORD)
        self.lost = safety.lost()

    def settings_with(self, **more):
        events = {"FILE": str(self.file), "MODELS": {"forum.Post": {"owner": "author", "text": "text"}}, **more}
        setting = override_settings(RIGHTFUL_EVENTS=events)
        setting.enable()
        self.addCleanup(setting.disable)

    def events(self, *kinds):
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [e for e in map(json.loads, lines) if not kinds or e["kind"] in kinds]

    def signed_in(self, **client):
        browser = Client(headers={"user-agent": "Firefox/1"}, REMOTE_ADDR="192.0.2.7", **client)
        self.assertEqual(browser.post("/login", {"username": "ann", "password": PASSWORD}).status_code, 302)
        return browser


class Events(Site):
    def test_a_sign_in_and_a_post_carry_one_session_and_device(self):
        browser = self.signed_in()
        browser.post("/post", {"text": "hello #world"})
        login, post = self.events()
        self.assertEqual((login["kind"], login["outcome"], login["account"]), ("login", "success", str(self.ann.pk)))
        self.assertEqual((login["ip"], login["user_agent"], login["app"]), ("192.0.2.7", "Firefox/1", "web"))
        self.assertEqual((post["kind"], post["text"]), ("post", "hello #world"))
        self.assertRegex(post["object"], r"^forum\.post:\d+$")
        self.assertNotIn("initiator", post)
        for field in ("session", "device"):
            self.assertEqual(login[field], post[field])
        key = browser.cookies["sessionid"].value
        self.assertNotIn(key, self.file.read_text())
        self.assertEqual(browser.cookies["rightful_device"].value, login["device"])
        self.assertTrue(browser.cookies["rightful_device"]["httponly"])

    def test_a_visitor_gets_no_cookie(self):
        browser = Client()
        browser.get("/")
        self.assertNotIn("rightful_device", browser.cookies)
        self.assertEqual(self.events(), [])

    def test_failures_count_only_for_accounts_that_exist(self):
        Client().post("/login", {"username": "ann", "password": "wrong"})
        Client().post("/login", {"username": "my password by mistake", "password": "x"})
        (event,) = self.events()
        self.assertEqual((event["kind"], event["outcome"]), ("login", "failure"))

    def test_a_changed_password_is_an_event_and_a_rehash_is_a_note(self):
        with self.settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher"]):
            self.ann.set_password(PASSWORD)
            self.ann.save()
        old = User.objects.get().password
        self.assertEqual([e["initiator"] for e in self.events("password_change")], ["system"])
        browser = self.signed_in()
        new = User.objects.get().password
        self.assertNotEqual(old.split("$")[0], new.split("$")[0], "Django renewed the hash")
        self.assertEqual(len(self.events("password_change")), 1, "a rehash is no change")
        note = Rehash.objects.get()
        fingerprints = [contacts.fingerprint(self.ann.pk, stored) for stored in (old, new)]
        self.assertEqual([note.before, note.after], fingerprints)
        change = {"old_password": PASSWORD, "new_password1": "another long one", "new_password2": "another long one"}
        self.assertEqual(browser.post("/password/change", change).status_code, 302)
        self.assertEqual(len(self.events("password_change")), 2)
        self.assertNotIn("initiator", self.events("password_change")[1])
        self.assertEqual(Rehash.objects.count(), 1)

    def test_a_reset_from_a_browser_that_is_signed_in_works_as_without_us(self):
        from django.contrib.auth.tokens import default_token_generator
        from django.utils.http import urlsafe_base64_encode

        browser = self.signed_in()
        uid = urlsafe_base64_encode(str(self.ann.pk).encode())
        self.ann.refresh_from_db()
        opened = browser.get(f"/password/reset/{uid}/{default_token_generator.make_token(self.ann)}")
        form = {"new_password1": "a third long one", "new_password2": "a third long one"}
        self.assertEqual(browser.post(opened.headers["location"], form).status_code, 302)
        self.assertEqual(len(self.events("password_change")), 1)
        self.assertIsNotNone(Contact.objects.get().verified_at, "the mailbox was read")

    def test_a_hash_written_by_hand_over_a_fresh_one_is_a_change(self):
        from django.contrib.auth.hashers import make_password

        self.ann.password = make_password("something else")
        self.ann.save(update_fields=["password"])
        self.assertEqual((len(self.events("password_change")), Rehash.objects.count()), (1, 0))

    def test_an_address_that_changed_keeps_its_history(self):
        self.signed_in().post("/email", {"email": "new@mail.test"})
        (event,) = self.events("email_change")
        self.assertNotIn("ann@mail.test", json.dumps(event))
        rows = list(Contact.objects.order_by("id").values_list("value", "until"))
        self.assertEqual([value for value, _ in rows], ["ann@mail.test", "new@mail.test"])
        self.assertEqual([until is None for _, until in rows], [False, True])
        (account,) = records()
        self.assertEqual([c["value"] for c in account["contacts"]], ["new@mail.test", "ann@mail.test"])
        self.assertLessEqual(account["contacts"][1]["since"], account["contacts"][0]["since"])
        User.objects.update(email="by-sql@mail.test")
        self.assertEqual((contacts.reconcile(), contacts.reconcile()), (1, 0))
        self.ann.delete()
        self.assertEqual(Contact.objects.count(), 0)

    def test_reset_links_and_tokens_are_seen(self):
        browser = Client(REMOTE_ADDR="192.0.2.9")
        browser.post("/password/reset", {"email": "ann@mail.test"})
        browser.post("/password/reset", {"email": "nobody@mail.test"})
        self.assertEqual(len(mail.outbox), 1)
        self.assertEqual([e["account"] for e in self.events()], [str(self.ann.pk)])
        answer = browser.post("/api/token", {"username": "ann", "password": PASSWORD})
        token = answer.json()["token"]
        browser.post("/api/posts", {"text": "by token"}, headers={"authorization": f"Token {token}"})
        made, login, post = self.events()[1:]
        self.assertEqual((made["kind"], made["object"]), ("app_authorize", "drf-token"))
        self.assertEqual((login["kind"], login["app"]), ("login", "drf-token"))
        self.assertEqual((post["kind"], post["app"], post["session"]), ("post", "drf-token", login["session"]))
        self.assertNotIn("device", post)
        self.assertNotIn(token, self.file.read_text())

    def test_a_colleagues_act_is_not_the_users(self):
        from rightful_events.record import current_request

        boss = User.objects.create_superuser("boss", "", "x")
        request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/")
        request.user = boss
        began = current_request.set(request)
        self.ann.set_password("by support")
        self.ann.save()
        current_request.reset(began)
        self.assertEqual(self.events("password_change")[0]["initiator"], "admin")

    def test_the_address_is_believed_as_far_as_our_proxies_go(self):
        self.signed_in(HTTP_X_FORWARDED_FOR="203.0.113.66, 198.51.100.4")
        self.settings_with(TRUSTED_PROXIES=1)
        self.signed_in(HTTP_X_FORWARDED_FOR="203.0.113.66, 198.51.100.4")
        self.assertEqual([e["ip"] for e in self.events()], ["192.0.2.7", "198.51.100.4"])


class Harmless(Site):
    def test_what_was_rolled_back_did_not_happen(self):
        with self.assertRaises(RuntimeError), transaction.atomic():
            record("action", account=self.ann, object="x")
            raise RuntimeError
        self.assertEqual(self.events(), [])

    def test_a_file_that_cannot_be_written_is_counted_and_the_site_goes_on(self):
        self.settings_with(FILE=str(Path(self.folder.name) / "missing" / "events.jsonl"))
        with self.assertLogs("rightful_events", "ERROR"):
            browser = self.signed_in()
        self.assertEqual(browser.get("/whoami").json()["account"], str(self.ann.pk))
        self.assertGreater(safety.lost(), self.lost)

    def test_missing_tables_do_not_spoil_the_sites_transaction(self):
        with (
            mock.patch.object(Contact.objects, "filter", side_effect=DatabaseError("no such table")),
            self.assertLogs("rightful_events", "ERROR"),
            transaction.atomic(),
        ):
            self.ann.email = "later@mail.test"
            self.ann.save()
            User.objects.create_user("ben")
        self.assertEqual(User.objects.get(username="ann").email, "later@mail.test")

    def test_a_line_that_does_not_fit_is_taken_back(self):
        writer.write({"id": "1"})
        real = os.write

        def half(fd, line):
            if len(line) > 4:
                return real(fd, line[:4])
            raise OSError(28, "No space left on device")

        with mock.patch("os.write", half), self.assertLogs("rightful_events", "ERROR"):
            writer.write({"id": "22222"})
        writer.write({"id": "3"})
        self.assertEqual([e["id"] for e in map(json.loads, self.file.read_text().splitlines())], ["1", "3"])

    def test_a_rotated_file_is_opened_anew_and_private(self):
        writer.write({"id": "1"})
        self.file.rename(self.file.with_suffix(".1"))
        writer.write({"id": "2"})
        self.assertEqual(json.loads(self.file.read_text()), {"id": "2"})
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_lines_of_many_processes_stay_whole(self):
        writer.write({"id": "parent"})
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=_write_many, args=(n,)) for n in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(len({e["id"] for e in map(json.loads, self.file.read_text().splitlines())}), 401)

    def test_ids_are_unique_and_sorted_by_time(self):
        from rightful_events.record import event_id

        ids = [event_id() for _ in range(10_000)]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual([i[:12] for i in ids], sorted(i[:12] for i in ids))

    def test_an_unknown_setting_is_refused(self):
        from django.core.exceptions import ImproperlyConfigured

        from rightful_events import conf

        self.settings_with(FIEL="x")
        with self.assertRaises(ImproperlyConfigured):
            conf.check()


def _write_many(n):
    for i in range(100):
        writer.write({"id": f"{n}-{i}", "text": "x" * 9000})
