"""Who lives and works together, as the company's delivery service knows them: couples, families, flats and firms.

Real are the households with two adults, whether they are married and how many children they have (demographics), and
who their buyer is. The others are FEBRL 2's people: their names, and the errors in them, are published. Derived is that
they live there: the buyer's address and a phone (of a family also the surname and one e-mail address); a flat's
number. Firms have the address of their first contact, a role address and a switchboard, and one account of no person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lakehouse.sample.keys import keyed_hashes, number_of_line
from lakehouse.sample.sources import Sources

CHANNEL = "delivery"
MARRIED_PERCENT = 30  # of the married households with two adults have a home delivery
FIRMS_PER_1000_HOUSEHOLDS = 5
CONTACTS = (3, 6)  # of a firm, at least and at most
TRADES = ("catering", "child care", "office supplies", "motors")
ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
KINDS = ("couple", "family", "flat", "firm")
Record = dict[Any, Any]
Person = list[Record]  # of one person, the original first


@dataclass(frozen=True)
class Home:
    """A place that people share: kind, who bought there and what the place is; children: real number, at most 3."""

    number: int
    kind: str
    head: Record
    household_id: int
    children: int


def contacts(sources: Sources) -> pd.DataFrame:
    """All contacts of the delivery service.

    Returns: record_id, person_id, household_id (0: not the buyer), channel, names, address, phone, email, company,
    home_id and kind (of KINDS; both empty for a neighbour, who lives alone).
    """
    unlisted = unlisted_people(sources)
    rows = [row for home in homes(sources) for row in at_home(home, unlisted)]
    firms = -(-len(sources.households) * FIRMS_PER_1000_HOUSEHOLDS // 1000)
    rows += [row for number in range(firms) for row in at_work(number, unlisted)]
    return pd.DataFrame(rows).assign(channel=CHANNEL)


def unlisted_people(sources: Sources) -> Iterator[Person]:
    """FEBRL 2's people by number who have all names and an address, and bear the name of nobody else."""
    known = pd.concat([sources.people, sources.bought_list, sources.web_form])
    taken = set(zip(known["given_name"], known["surname"], strict=True))
    for _, records in sources.unlisted.groupby("person_id", sort=False):
        person = records.to_dict("records")
        name = (person[0]["given_name"], person[0]["surname"])
        if is_whole(person[0]) and name not in taken:
            yield person


def is_whole(record: Record) -> bool:
    """Names, house, street and postcode are all there."""
    return all(record[name] for name in ("given_name", "surname", "street_number", "address_1", "postcode"))


def homes(sources: Sources) -> list[Home]:
    """Households of two adults with a delivery: of the married every third or so, of the unmarried all."""
    originals = sources.people.drop_duplicates("person_id").to_dict("records")
    buyers = dict(zip(sources.households, originals, strict=False))
    rows = sources.demographics.sort_values("household_id")
    rows = rows[rows["household_comp"].str.startswith("2 Adults", na=False) & rows["marital_status"].notna()]
    chance = keyed_hashes("home", rows["household_id"].astype(str)) % 100
    made: list[Home] = []
    for row, percent in zip(rows.to_dict("records"), chance, strict=True):
        married, head = row["marital_status"] == "Married", buyers[row["household_id"]]
        if is_whole(head) and (percent < MARRIED_PERCENT or not married):
            kind = ("couple", "family")[percent % 2] if married else "flat"
            children = int(str(row["kids_count"]).strip("+"))
            made.append(Home(len(made) + 1, kind, head, row["household_id"], children))
    return made


def at_home(home: Home, unlisted: Iterator[Person]) -> Iterator[Record]:
    """The buyer's contact, and those of who lives there; every third flat has a neighbour of the same house."""
    place = {name: home.head[name] for name in ADDRESS}
    place |= {"address_2": f"flat {home.number % 9 + 1}"} if home.kind == "flat" else {}
    shared = {"phone": number_of_line("02", home.number)} if home.kind != "flat" else {}
    if home.kind == "family":
        mailbox = f"{home.head['surname']}.{home.number}@post.example".replace(" ", "")
        shared |= {"surname": home.head["surname"], "email": mailbox}
    others = {"couple": 1, "family": 1 + home.children, "flat": 1 + home.number % 2}[home.kind]
    people, given = [[home.head]], {home.head["given_name"]}
    for _ in range(others):
        people.append(next(person for person in unlisted if person[0]["given_name"] not in given))
        given.add(people[-1][0]["given_name"])
    group = {"home_id": f"home-{home.number}", "kind": home.kind}
    for person in people:
        buyer = {"household_id": home.household_id if person[0] is home.head else 0}
        yield from (record | own(person[0]) | place | shared | group | buyer for record in person)
    if home.kind == "flat" and home.number % 3 == 0:
        neighbour = next(unlisted)
        flat = {"address_2": f"flat {home.number % 9 + 2}"}
        alone = {"home_id": "", "kind": "", "household_id": 0}
        yield from (record | own(neighbour[0]) | place | flat | alone for record in neighbour)


def own(original: Record) -> Record:
    """What a person has alone: mailbox and mobile; nobody works for a firm yet."""
    number = int(keyed_hashes("mobile", [original["record_id"]])[0] % 10**6)
    mailbox = f"{original['given_name']}.{original['surname']}.{number}@post.example".replace(" ", "")
    return {"phone": number_of_line("042", number, digits=7), "email": mailbox, "company": ""}


def at_work(number: int, unlisted: Iterator[Person]) -> Iterator[Record]:
    """A firm's contacts, and its account without a person."""
    first = next(unlisted)
    trade = TRADES[number % len(TRADES)]
    name = first[0]["surname"].replace(" ", "")
    shared = {field: first[0][field] for field in ADDRESS} | {
        "company": f"{name} {trade} pty ltd",
        "phone": number_of_line("03", number),
        "email": f"info@{name}-{trade.replace(' ', '')}.example",
        "home_id": f"firm-{number + 1}",
        "kind": "firm",
        "household_id": 0,
    }
    least, most = CONTACTS
    people = [first, *(next(unlisted) for _ in range(least + number % (most - least + 1) - 1))]
    for person in people:
        yield from (record | shared for record in person)
    nobody = {"record_id": f"firm-{number + 1}", "person_id": f"firm-{number + 1}", "given_name": "", "surname": ""}
    yield first[0] | shared | nobody
