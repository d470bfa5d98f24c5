"""Three weeks of owners' lives, then an intruder's night; every act at its moment, in order of time."""

import heapq

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authtoken.models import Token

from tests import hands
from tests.people import DAY_MS, HOUR_MS, PHONES, Device, _agent, address, dice_of, sentence
from tests.site import clock
from tests.site.models import SocialLink

LURES = [
    "haha is this you in this clip?? http://clips-{n}.prizes.test/v?u={r}",
    "you won't believe what they say about you here http://clips-{n}.prizes.test/v?u={r}",
]
AGENT = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
AGENT_API = "python-requests/2.31.0"
RACKS = ["45.83.64", "45.83.65", "193.32.12", "185.220.7"]


class World:
    """The site's people and what happens, as a queue of moments."""

    def __init__(self, people, seed, start_ms, end_ms):
        self.people, self.seed, self.start, self.end = people, seed, start_ms, end_ms
        self.queue, self.order = [], 0
        self.victims = []

    def at(self, moment_ms, act):
        if moment_ms < self.end:
            heapq.heappush(self.queue, (int(moment_ms), self.order, act))
            self.order += 1

    def run(self):
        """All acts, each with the forum's clock at its moment; how many."""
        done = 0
        while self.queue:
            moment, _, act = heapq.heappop(self.queue)
            clock.move_to(moment)
            act()
            done += 1
        clock.move_to(self.end)
        return done

    # --- owners

    def settle(self):
        """Makes the accounts, and plans every owner's days."""
        clock.move_to(self.start)
        for owner in self.people:
            self._register(owner)
            dice = dice_of(self.seed, "days", owner.number)
            if "has_token" in owner.traits or "api_only" in owner.traits:
                self.at(self.start + dice.random() * DAY_MS, lambda o=owner, d=dice: self._make_token(o, d))
            for day in range(int((self.end - self.start) // DAY_MS) + 1):
                self._plan_day(owner, self.start + day * DAY_MS, dice)
        self._changes()

    def _register(self, owner):
        dice = dice_of(self.seed, "joined", owner.number)
        make = User.objects.create_superuser if "superuser" in owner.traits else User.objects.create_user
        user = make(owner.name, owner.email, None if "sso" in owner.traits else owner.password)
        user.date_joined = timezone.now() - timezone.timedelta(days=dice.randrange(30, 1500))
        user.save(update_fields=["date_joined"])
        owner.account = str(user.pk)
        if "sso" in owner.traits:
            SocialLink.objects.create(user=user, provider="idp", uid=owner.name)
        for device in owner.devices:
            device.client = hands.browser(device.user_agent)

    def _plan_day(self, owner, day_ms, dice):
        if dice.random() > owner.activity:
            return
        if "inactive" in owner.traits and day_ms > self.start + 7 * DAY_MS:
            return
        midnight = day_ms - day_ms % DAY_MS
        for _ in range(dice.randrange(1, 4)):
            moment = midnight + (owner.hours[0] + dice.random() * (owner.hours[1] - owner.hours[0])) * HOUR_MS
            if moment > self.start + HOUR_MS:
                self.at(moment, lambda o=owner, d=dice: self._owner_acts(o, d))

    def _owner_acts(self, owner, dice):
        if owner.tokens and (dice.random() < 0.5 or "api_only" in owner.traits):
            # a script of theirs at home
            ip = address(owner.devices[0].networks[0], dice_of(self.seed, "home", owner.number))
            hands.post_by_token(hands.browser("feed-bridge/1.4"), owner.tokens[0], sentence(owner, dice), ip)
            return
        if "api_only" in owner.traits:
            return
        device = owner.devices[0] if dice.random() < 0.6 else dice.choice(owner.devices)
        ip = hands.from_device(device, dice)
        if self._enter(owner, device, ip, dice):
            hands.post(device.client, sentence(owner, dice), ip)
            if dice.random() < 0.04:
                device.client.post("/logout", REMOTE_ADDR=ip)

    def _enter(self, owner, device, ip, dice):
        if hands.signed_in(device.client, ip):
            return True
        if "sso" in owner.traits:
            return hands.sign_in_elsewhere(device.client, owner.name, ip)
        if dice.random() < 0.05:
            hands.sign_in(device.client, owner.name, owner.password + "x", ip)
        return hands.sign_in(device.client, owner.name, owner.password, ip)

    def _make_token(self, owner, dice):
        ip = hands.from_device(owner.devices[0], dice)
        key = hands.token(hands.browser(owner.devices[0].user_agent), owner.name, owner.password, ip)
        if key:
            owner.tokens.append(key)

    def _changes(self):
        """What looks like an intruder and is none: new phones, journeys, new passwords and addresses, a shared joke."""
        dice = dice_of(self.seed, "changes")
        plain = [o for o in self.people if not o.traits]
        chosen = iter(dice.sample(plain, 30))
        for _ in range(8):
            owner, when = next(chosen), self.start + dice.uniform(9, 20) * DAY_MS
            phone = Device(_agent(PHONES, dice), [owner.devices[0].networks[0], f"37.{dice.randrange(200, 216)}.{dice.randrange(256)}"])
            phone.client = hands.browser(phone.user_agent)
            self.at(when, lambda o=owner, p=phone: o.devices.append(p))
        for _ in range(6):
            owner, when = next(chosen), self.start + dice.uniform(8, 19) * DAY_MS
            hotel = f"{dice.choice([176, 190])}.{dice.randrange(10, 60)}.{dice.randrange(256)}"
            self.at(when, lambda o=owner, h=hotel: o.devices[-1].networks.insert(0, h))
            self.at(when + 3 * DAY_MS, lambda o=owner, h=hotel: o.devices[-1].networks.remove(h))
        for _ in range(4):
            owner, when = next(chosen), self.start + dice.uniform(5, 20) * DAY_MS
            self.at(when, lambda o=owner, d=dice: self._new_password(o, d))
        for _ in range(3):
            owner, when = next(chosen), self.start + dice.uniform(5, 20) * DAY_MS
            self.at(when, lambda o=owner, d=dice: self._new_address(o, d))
        for _ in range(3):
            owner, when = next(chosen), self.start + dice.uniform(5, 20) * DAY_MS
            self.at(when, lambda o=owner, d=dice: self._forgot(o, d))
        joke = "Saturday is cake day, bring a fork and http://cake.forum.test/plan to the market square"
        for _ in range(6):
            owner, when = next(chosen), self.start + dice.uniform(15, 15.3) * DAY_MS
            self.at(when, lambda o=owner, d=dice: self._say(o, joke, d))
        for owner in self.people:
            if "inactive" in owner.traits:
                when = self.start + 7.5 * DAY_MS
                self.at(when, lambda o=owner: User.objects.filter(pk=o.account).update(is_active=False))

    def _say(self, owner, text, dice):
        ip = hands.from_device(owner.devices[0], dice)
        if self._enter(owner, owner.devices[0], ip, dice):
            hands.post(owner.devices[0].client, text, ip)

    def _new_password(self, owner, dice):
        ip = hands.from_device(owner.devices[0], dice)
        new = owner.password + " anew"
        if self._enter(owner, owner.devices[0], ip, dice):
            if hands.change_password(owner.devices[0].client, owner.password, new, ip):
                owner.password = new

    def _new_address(self, owner, dice):
        ip = hands.from_device(owner.devices[0], dice)
        new = f"{owner.name}@newmail.test"
        if self._enter(owner, owner.devices[0], ip, dice):
            owner.devices[0].client.post("/email", {"email": new}, REMOTE_ADDR=ip)
            owner.email = new

    def _forgot(self, owner, dice):
        ip = hands.from_device(owner.devices[0], dice)
        new = owner.password + " after all"
        links = hands.reset_links(owner.devices[0].client, owner.email, ip)
        if hands.follow(owner.devices[0].client, links[owner.account]["path"], new, ip):
            owner.password = new

    # --- the intruder

    def intrude(self):
        """Plans the night: passwords that fit, many that don't, lures, tokens, links."""
        dice = dice_of(self.seed, "intruder")
        plain = [o for o in self.people if not o.traits]
        tokened = [o for o in self.people if o.traits == {"has_token"}]
        of = {t: [o for o in self.people if t in o.traits] for t in ("superuser", "mailless", "shares_mail", "api_only")}
        kinds = (
            ["spam"] * 10
            + ["spam_and_token"] * 3
            + ["spam_and_link"] * 2
            + ["spam_and_address"] * 2
            + ["spam_and_password"]
            + ["quiet"] * 2
        )
        chosen = list(zip(dice.sample(plain, len(kinds) - 2) + dice.sample(tokened, 2), reversed(kinds), strict=True))
        chosen += [(of["superuser"][0], "spam"), (of["mailless"][0], "spam")]
        chosen += [(of["shares_mail"][0], "spam_and_link"), (of["api_only"][0], "api")]
        night = self.end - 20 * HOUR_MS
        for owner, kind in chosen:
            self._plan_intrusion(owner, kind, night + dice.random() * HOUR_MS, dice)
        victims = {o.number for o, _ in chosen}
        for owner in dice.sample([o for o in self.people if o.number not in victims], 60):
            when = night + dice.random() * HOUR_MS
            ip = address(dice.choice(RACKS), dice)
            self.at(when, lambda o=owner, i=ip: hands.sign_in(hands.browser(AGENT), o.name, "from an old list", i))

    def _plan_intrusion(self, owner, kind, when, dice):
        victim = {
            "account": owner.account,
            "attack": "stuffing_spam",
            "kind": kind,
            "start": None,
            "end": None,
            "sessions": [],
            "tokens": [],
            "objects": [],
            "secrets": {"password": owner.password, "cookies": [], "tokens": [], "links": []},
        }
        self.victims.append(victim)
        ip = address(dice.choice(RACKS), dice)

        def did(what):
            now = clock.now_ms()
            victim["start"] = victim["start"] or now
            victim["end"] = now
            return what

        def enter(agent=AGENT):
            # the password as it is by then: the list is fresh
            victim["secrets"]["password"] = owner.password
            client = hands.browser(agent)
            if hands.sign_in(client, owner.name, owner.password, ip):
                did(None)
                victim["secrets"]["cookies"].append(hands.session_key(client))
                victim["sessions"].append(hands.named(hands.session_key(client)))
                return client
            return None

        def lure():
            return LURES[dice.randrange(2)].format(n=dice.randrange(2), r=f"{dice.randrange(16**6):06x}")

        def spam(client, count):
            for n in range(count):
                gap = (n + 1) * (2 + dice.random() * 5) * 60_000
                self.at(clock.now_ms() + gap, lambda: victim["objects"].append(did(hands.post(client, lure(), ip))))

        def token(count):
            client = hands.browser(AGENT_API)
            key = hands.token(client, owner.name, owner.password, ip)
            did(None)
            victim["secrets"]["tokens"].append(key)
            victim["tokens"].append("drf-token")
            victim["sessions"].append(hands.named(key))
            for n in range(count):
                gap = (n + 1) * 5 * 60_000
                self.at(
                    clock.now_ms() + gap,
                    lambda: victim["objects"].append(did(hands.post_by_token(client, key, lure(), ip))),
                )

        def night():
            if kind == "api":
                token(4)
                return
            client = enter()
            # a second one, kept for later and not used: it is this kind that an old hash brings back to life
            self.at(clock.now_ms() + 40_000, enter)
            if kind == "quiet":
                return
            if kind == "spam_and_address":
                evil = f"{owner.name}.{dice.randrange(999)}@freemail.test"
                client.post("/email", {"email": evil}, REMOTE_ADDR=ip)
                victim["new_address"] = evil
            if kind == "spam_and_password":
                taken = "all your base"
                if hands.change_password(client, owner.password, taken, ip):
                    victim["secrets"]["password"] = taken
                    victim["secrets"]["cookies"][-1] = hands.session_key(client)
                    victim["sessions"].append(hands.named(hands.session_key(client)))
            if kind == "spam_and_link":
                # he reads her mailbox too, and keeps the link
                links = hands.reset_links(hands.browser(AGENT), owner.email, ip)
                victim["secrets"]["links"].append(links[owner.account]["path"])
            if kind == "spam_and_token":
                token(2)
            spam(client, dice.randrange(3, 6))

        self.at(when, night)


def tokens_of(account):
    return list(Token.objects.filter(user_id=account).values_list("key", flat=True))
