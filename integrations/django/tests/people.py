"""Who lives in the forum: owners with devices, networks and hours, all from one seed. It touches no site."""

import dataclasses
import random

DAY_MS = 86_400_000
HOUR_MS = 3_600_000

DESKTOPS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{s}.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
]
PHONES = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS {s}_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{s}.2 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel {p}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Mobile Safari/537.36",
]
SYLLABLES = "ba be bi bo da de di do fa fi ga go ka ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se ta te ti to".split()
TOPICS = (
    "garden tomatoes soil frost seedlings compost radio antenna soldering capacitor bicycle chain gears saddle bread sourdough "
    "oven flour camera lens tripod shutter chess opening endgame piano practice scales kayak river paddle novel chapter draft "
    "knitting wool pattern needles telescope comet clouds bees hive honey"
).split()
PLAIN = "today again finally perhaps my the a this and but with after before about still never often really nice slow new old good".split()


@dataclasses.dataclass
class Device:
    """A browser with its cookie jar, and the networks it is used from."""

    user_agent: str
    networks: list
    client: object = None


@dataclasses.dataclass
class Owner:
    """One owner and what they know."""

    number: int
    name: str
    password: str
    email: str
    traits: set
    topics: list
    hours: tuple
    activity: float
    devices: list
    account: str = ""
    tokens: list = dataclasses.field(default_factory=list)


def owners(count, dice):
    """The owners, special ones first: traits are what the checks ask for by name."""
    special = (
        ["superuser"]
        + ["sso"] * 6
        + ["api_only"] * 6
        + ["mailless"] * 5
        + ["inactive"] * 4
        + ["shares_mail"] * 2
    )
    offices = [f"88.{20 + n}.7" for n in range(6)]
    made, names = [], set()
    for number in range(count):
        traits = {special[number]} if number < len(special) else set()
        if not traits and dice.random() < 0.1:
            traits = {"has_token"}
        name = _name(dice, names)
        email = "" if "mailless" in traits else f"{name}@mail{dice.randrange(5)}.test"
        if "shares_mail" in traits:
            email = "the.twins@mail0.test"
        home = [f"{dice.choice([81, 84, 93, 151])}.{dice.randrange(1, 40)}.{dice.randrange(256)}"]
        mobile = [f"{dice.choice([37, 46])}.{dice.randrange(200, 216)}.{dice.randrange(256)}"]
        devices = [Device(_agent(DESKTOPS, dice), home + ([dice.choice(offices)] if dice.random() < 0.25 else []))]
        if dice.random() < 0.6:
            devices.append(Device(_agent(PHONES, dice), home + mobile))
        start = dice.randrange(6, 18)
        made.append(
            Owner(
                number=number,
                name=name,
                password=f"{_word(dice)} {_word(dice)} {dice.randrange(1000)} {_word(dice)}",
                email=email,
                traits=traits,
                topics=dice.sample(TOPICS, 6),
                hours=(start, start + dice.randrange(3, 6)),
                activity=dice.choice([0.25, 0.45, 0.6, 0.8]),
                devices=devices,
            )
        )
    return made


def sentence(owner, dice):
    """What an owner writes: their own topics, no two alike but for chance."""
    words = [dice.choice(owner.topics if dice.random() < 0.45 else PLAIN) for _ in range(dice.randrange(5, 14))]
    return " ".join(words).capitalize() + dice.choice([".", ".", "!", "?"])


def address(network, dice):
    """An address in a network of 256."""
    return f"{network}.{dice.randrange(2, 250)}"


def _agent(kinds, dice):
    return dice.choice(kinds).format(v=dice.randrange(126, 134), s=dice.randrange(16, 19), p=dice.randrange(6, 10))


def _word(dice):
    return "".join(dice.choice(SYLLABLES) for _ in range(3))


def _name(dice, taken):
    while True:
        name = _word(dice)
        if name not in taken:
            taken.add(name)
            return name


def dice_of(seed, *what):
    """Chance of its own for each purpose, so that one part can change without the others."""
    return random.Random(":".join(map(str, (seed, *what))))
