"""A real Django forum with 200 people, an intruder, and a judge; each step a command that prints JSON.

    world.py build            --database URL --work DIR [--seed N] [--users N] [--days N]
    world.py note-open        --database URL --work DIR         before containment: who gets in how
    world.py verify-contained --database URL --work DIR [--accounts FILE]
    world.py verify-recover   --database URL --work DIR [--accounts FILE]
    world.py verify-undone    --database URL --work DIR --exonerated FILE [--accounts FILE]
    world.py dump             --database URL --work DIR --out FILE
    world.py compare          --work DIR --before FILE --after FILE [--accounts FILE] [--ignore-volatile]
    world.py sign-in          --database URL --work DIR --accounts FILE [--iterations N]

URL is sqlite:PATH or postgres://USER@HOST:PORT/NAME (an empty database). DIR gets events.jsonl, accounts.jsonl,
truth.json and secrets.json (what both hands hold). FILE lists accounts: a JSON array, or one a line; without it, all
victims but the protected one. Exit codes: 0 as it should be, 1 not (`problems` says what), 2 wrong usage.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def main():
    arguments = _arguments()
    sys.path.insert(0, str(HERE))
    if arguments.command != "compare":
        os.environ["FORUM_DATABASE"] = arguments.database
    os.environ.setdefault("FORUM_DATABASE", "sqlite:")
    if getattr(arguments, "iterations", None):
        os.environ["FORUM_ITERATIONS"] = str(arguments.iterations)
    if arguments.command in ("build", "sign-in"):
        os.environ["FORUM_EVENTS"] = str(Path(arguments.work) / "events.jsonl")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.site.settings"
    import django

    django.setup()
    work = Path(arguments.work)
    answer = COMMANDS[arguments.command](arguments, work)
    print(json.dumps(answer, ensure_ascii=False))
    return 1 if answer.get("problems") else 0


def build(arguments, work):
    """Migrates, makes the people, lets them live, lets the intruder in, and writes the files."""
    from django.core.management import call_command

    from tests import lives, people
    from tests.site import clock, hashers

    began = time.monotonic()
    work.mkdir(parents=True, exist_ok=True)
    for old in ("events.jsonl", "accounts.jsonl", "truth.json", "secrets.json"):
        (work / old).unlink(missing_ok=True)
    end = arguments.now or time.time_ns() // 1_000_000
    start = end - arguments.days * people.DAY_MS
    clock.follow()
    clock.move_to(start - people.HOUR_MS)
    call_command("migrate", verbosity=0)
    who = people.owners(arguments.users, people.dice_of(arguments.seed, "owners"))
    world = lives.World(who, arguments.seed, start, end)
    # made with fewer iterations than the site has now: Django renews each hash at its first sign-in
    hashers.Fast.iterations //= 2
    world.settle()
    hashers.Fast.iterations *= 2
    world.intrude()
    acts = world.run()
    call_command("rightful_accounts", out=str(work / "accounts.jsonl"), social="social_auth_usersocialauth")
    events = [json.loads(line) for line in (work / "events.jsonl").open(encoding="utf-8")]
    truth = _truth(world, who, events)
    (work / "truth.json").write_text(json.dumps(truth, indent=1))
    secrets = work / "secrets.json"
    secrets.touch(0o600)
    secrets.write_text(json.dumps(_secrets(world, who), indent=1))
    return {
        "accounts": len(who),
        "acts": acts,
        "events": len(events),
        "victims": len(world.victims),
        "kinds": {k: sum(e["kind"] == k for e in events) for k in sorted({e["kind"] for e in events})},
        "seconds": round(time.monotonic() - began, 1),
        "problems": _unlived(world, events),
    }


def _unlived(world, events):
    """The world is only good where the intruder was really in, and events tell of it."""
    problems = []
    sessions = {e.get("session") for e in events}
    for victim in world.victims:
        if not victim["sessions"] or None in victim["objects"] or victim["kind"] != "quiet" and not victim["objects"]:
            problems.append({"account": victim["account"], "kind": victim["kind"], "not": "lived as planned"})
        if not sessions & set(victim["sessions"]):
            problems.append({"account": victim["account"], "not": "seen in events"})
    if len({e["id"] for e in events}) != len(events):
        problems.append({"not": "unique ids"})
    return problems


def _truth(world, who, events):
    victims = []
    for victim in world.victims:
        sessions, objects = set(victim["sessions"]), set(victim["objects"])
        theirs = [
            e["id"]
            for e in events
            if e["account"] == victim["account"] and (e.get("session") in sessions or e.get("object") in objects)
        ]
        victims.append({**{k: v for k, v in victim.items() if k != "secrets"}, "events": theirs})
    return {
        "start": world.start,
        "end": world.end,
        "victims": victims,
        "protected": [o.account for o in who if "superuser" in o.traits],
        "traits": {o.account: sorted(o.traits) for o in who if o.traits},
    }


def _secrets(world, who):
    from tests import hands

    owners = {}
    for owner in who:
        cookies = [hands.session_key(d.client) for d in owner.devices]
        password = None if "sso" in owner.traits else owner.password
        owners[owner.account] = {
            "name": owner.name,
            "email": owner.email,
            "password": password,
            "cookies": [c for c in cookies if c],
            "tokens": owner.tokens,
            "links": [],
        }
    bystanders = [o for o in who if not o.traits and o.account not in {v["account"] for v in world.victims}]
    for owner in bystanders[:5]:
        links = hands.reset_links(hands.browser("x"), owner.email, "192.0.2.1")
        owners[owner.account]["links"].append(links[owner.account]["path"])
    return {"owners": owners, "intruder": {v["account"]: v["secrets"] for v in world.victims}}


def verify_contained(arguments, work):
    """The intruder is out everywhere, owners' sessions are ended, and everybody else gets in as before."""
    from tests import judge

    truth, secrets = _read(work)
    contained = _accounts(arguments.accounts, truth)
    problems, tried = [], 0
    for account in contained:
        for hand in ("intruder", "owners"):
            holds = secrets[hand].get(account)
            if holds:
                tried += 1
                for way in judge.open_ways(account, holds):
                    problems.append({"account": account, "hand": hand, "opens": way})
    state = {"others_tried": 0, "others_shut": 0}
    for account, holds in secrets["owners"].items():
        if account in contained:
            continue
        ways = len(judge.open_ways(account, holds))
        was = secrets.get("opened", {}).get(account)
        state["others_tried"] += 1
        if was is not None and ways != was:
            state["others_shut"] += 1
            problems.append({"account": account, "hand": "bystander", "ways": ways, "before": was})
    return {"contained": len(contained), "tried": tried, **state, "problems": problems}


def note_open(arguments, work):
    """Before containment: how many ways in each owner and the intruder have."""
    from tests import judge

    truth, secrets = _read(work)
    secrets["opened"] = {a: len(judge.open_ways(a, holds)) for a, holds in secrets["owners"].items()}
    (work / "secrets.json").write_text(json.dumps(secrets, indent=1))
    intruder = {a: judge.open_ways(a, holds) for a, holds in secrets["intruder"].items()}
    problems = [{"account": a, "not": "open to the intruder before"} for a, ways in intruder.items() if not ways]
    ways = sum(map(len, intruder.values()))
    return {"owners": len(secrets["opened"]), "intruder_ways": ways, "problems": problems}


def verify_recover(arguments, work):
    """Each owner comes back by Django's own form: the mail arrives, the link works, the new password opens."""
    from django.contrib.auth.models import User

    from tests import hands, judge

    truth, secrets = _read(work)
    new_address = {v["account"]: v["new_address"] for v in truth["victims"] if v.get("new_address")}
    problems, recovered, without_mail, not_theirs = [], [], [], []
    for account in _accounts(arguments.accounts, truth):
        owner = secrets["owners"][account]
        if not owner["email"]:
            without_mail.append(account)
            continue
        if User.objects.get(pk=account).email == new_address.get(account):
            # the form would mail the intruder: the address has to be put back by hand first
            not_theirs.append(account)
            continue
        client, new = hands.browser("Firefox"), f"a new beginning {account} of {owner['name']}"
        links = hands.reset_links(client, owner["email"], "192.0.2.77")
        if account not in links:
            problems.append({"account": account, "not": "mailed by the site's own form"})
        elif not hands.follow(client, links[account]["path"], new, "192.0.2.77"):
            problems.append({"account": account, "not": "let in by the link"})
        elif not hands.sign_in(client, owner["name"], new, "192.0.2.77"):
            problems.append({"account": account, "not": "let in by the new password"})
        else:
            recovered.append(account)
            owner.update(password=new, cookies=[hands.session_key(client)], tokens=[])
            for way in judge.open_ways(account, secrets["intruder"].get(account) or _nothing()):
                problems.append({"account": account, "hand": "intruder", "opens": way})
    (work / "secrets.json").write_text(json.dumps(secrets, indent=1))
    return {
        "recovered": len(recovered),
        "without_mail": without_mail,
        "address_is_the_intruders": not_theirs,
        "problems": problems,
    }


def verify_undone(arguments, work):
    """Old passwords: the exonerated's works, a true victim's does not; no old session, token or link of anybody is back."""
    from tests import judge

    truth, secrets = _read(work)
    exonerated = set(_listed(arguments.exonerated))
    accounts = _accounts(arguments.accounts, truth) | exonerated
    recovered = {a for a in accounts if secrets["owners"][a]["password"] and "a new beginning" in secrets["owners"][a]["password"]}
    problems = []
    for account in sorted(accounts):
        owner = secrets["owners"][account]
        if account in exonerated:
            if not judge.password_opens(account, owner["password"]):
                problems.append({"account": account, "hand": "owner", "not": "let in by the old password"})
            holds = [("owner", {**owner, "password": None})]
            holds.append(("intruder", {**secrets["intruder"].get(account, _nothing()), "password": None}))
        else:
            holds = [("intruder", secrets["intruder"].get(account, _nothing()))]
            if account not in recovered:
                holds.append(("owner", owner))
        for hand, held in holds:
            for way in judge.open_ways(account, held):
                problems.append({"account": account, "hand": hand, "opens": way})
    return {"exonerated": len(exonerated), "others": len(accounts - exonerated), "problems": problems}


def dump(arguments, work):
    from tests import judge

    tables = judge.dump()
    Path(arguments.out).write_text(json.dumps(tables, sort_keys=True, indent=0))
    return {"tables": {t: len(v["rows"]) for t, v in tables.items()}, "out": arguments.out}


def compare(arguments, work):
    from tests import judge

    truth, _ = _read(work)
    may_hide = {o for v in truth["victims"] for o in v["objects"]}
    before, after = (json.loads(Path(f).read_text()) for f in (arguments.before, arguments.after))
    return judge.compare(before, after, _accounts(arguments.accounts, truth), may_hide, arguments.ignore_volatile)


def sign_in(arguments, work):
    """Owners sign in from their own device; with another count of iterations Django renews the stored hash."""
    from django.contrib.auth.models import User

    from tests import hands

    _, secrets = _read(work)
    problems, renewed = [], 0
    for account in _listed(arguments.accounts):
        owner = secrets["owners"][account]
        before = User.objects.get(pk=account).password
        client = hands.browser("Firefox")
        if not hands.sign_in(client, owner["name"], owner["password"], "192.0.2.78"):
            problems.append({"account": account, "not": "let in"})
            continue
        owner["cookies"].append(hands.session_key(client))
        renewed += before != User.objects.get(pk=account).password
    (work / "secrets.json").write_text(json.dumps(secrets, indent=1))
    return {"renewed": renewed, "problems": problems}


COMMANDS = {
    "build": build,
    "note-open": note_open,
    "verify-contained": verify_contained,
    "verify-recover": verify_recover,
    "verify-undone": verify_undone,
    "dump": dump,
    "compare": compare,
    "sign-in": sign_in,
}


def _nothing():
    return {"password": None, "cookies": [], "tokens": [], "links": []}


def _read(work):
    return json.loads((work / "truth.json").read_text()), json.loads((work / "secrets.json").read_text())


def _accounts(file, truth):
    if file:
        return set(_listed(file))
    return {v["account"] for v in truth["victims"]} - set(truth["protected"])


def _listed(file):
    text = Path(file).read_text().strip()
    return [str(a) for a in json.loads(text)] if text.startswith("[") else text.split()


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("--database")
    parser.add_argument("--work", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--days", type=int, default=22)
    parser.add_argument("--now", type=int, help="the world's last moment, ms; the present by default")
    parser.add_argument("--iterations", type=int)
    for name in ("accounts", "exonerated", "out", "before", "after"):
        parser.add_argument(f"--{name}", metavar="FILE")
    parser.add_argument("--ignore-volatile", action="store_true")
    arguments = parser.parse_args()
    needed = {"compare": ["before", "after"], "dump": ["database", "out"], "sign-in": ["database", "accounts"]}
    needed["verify-undone"] = ["database", "exonerated"]
    for name in needed.get(arguments.command, ["database"]):
        if not getattr(arguments, name):
            parser.error(f"{arguments.command} needs --{name}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
