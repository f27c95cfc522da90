"""A made-up town of people who share contact data, with known truth; everything is drawn with a fixed seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.related_people import names

SWITCHBOARD_CONTACTS = (4, 6)  # of a firm
FAMILY_SIZES = {2: 4, 3: 25, 4: 26, 5: 5}  # 60 families of 285 pairs of relatives


@dataclass(frozen=True)
class Person:
    """Who someone is; group: whom they share contact data with, "" for nobody; kind: the hazard."""

    name: str
    given: str
    family: str
    sex: str
    born: date
    email: str
    phone: str
    street: str
    house: str
    city: str
    postcode: str
    kind: str = "single"
    group: str = ""
    generation: str = ""  # as it stands behind or before the name
    company: str = ""


class Town:
    """Draws people."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.people: list[Person] = []
        self.drawn = 0
        self.family_names = names.family_names(seed)
        self.streets = names.streets(seed)

    def populated(self, singles: int) -> list[Person]:
        """All hazards, and so many people who are related to nobody."""
        for number in range(singles):
            self.person(is_chinese=number % 5 == 0)
        numbers = iter(range(1000))
        for size, count in FAMILY_SIZES.items():
            for _ in range(count):
                self.home("family", f"h{next(numbers)}", size, shares_email=True)
        for number in range(12):
            self.firm(number)
        for number in range(20):
            self.father_and_son(number)
        for number in range(15):
            self.twins(number)
        for number in range(40):
            self.home("couple", f"couple{number}", 2, shares_email=False, is_chinese=number % 4 != 0, two_names=True)
        for _ in range(25):
            self.person(kind="bride", sex="f")
        return self.people

    def person(self, kind: str = "single", is_chinese: bool = False, sex: str = "") -> Person:
        """A person with everything of their own."""
        draw = self.draw
        sex = sex or draw.choice("mf")
        given = draw.choice(names.CHINESE_GIVEN if is_chinese else names.GIVEN[sex])
        family = draw.choice(names.CHINESE_FAMILY if is_chinese else self.family_names)
        number = self.drawn = self.drawn + 1
        mailbox = f"mb{number}" if is_chinese else f"{given}.{family}".lower()
        one = Person(
            name=f"p{number}",
            given=given,
            family=family,
            sex=sex,
            born=date(1945, 1, 1) + timedelta(days=draw.randrange(21_000)),
            email=f"{mailbox}{draw.randrange(100)}@{draw.choice(names.PROVIDERS)}",
            phone=self._phone(),
            street=draw.choice(self.streets),
            house=str(draw.randrange(1, 180)),
            city=draw.choice(names.CITIES)[0],
            postcode="",
            kind=kind,
        )
        one = replace(one, postcode=dict(names.CITIES)[one.city] + f"{draw.randrange(100):02}")
        self.people.append(one)
        return one

    def _phone(self) -> str:
        return f"0{self.draw.randrange(10**8, 10**9)}"

    def _shared(self, one: Person, other: Person, *shared: str) -> Person:
        """`other` with what it shares with `one`."""
        made = replace(other, **{name: getattr(one, name) for name in shared})
        self.people[-1] = made
        return made

    def home(
        self,
        kind: str,
        group: str,
        size: int,
        shares_email: bool,
        is_chinese: bool | None = None,
        two_names: bool = False,
    ) -> None:
        """People of one address and phone; parents are some 30 years older than children."""
        draw = self.draw
        is_chinese = draw.random() < 0.3 if is_chinese is None else is_chinese
        head = self.person(kind, is_chinese, "m")
        head = self.people[-1] = replace(head, group=group, born=date(1955, 1, 1) + timedelta(draw.randrange(7000)))
        taken = {head.given}
        for number in range(1, size):
            other = self.person(kind, is_chinese, "f" if number == 1 else "")
            while other.given in taken:
                self.people.pop()
                other = self.person(kind, is_chinese, "f" if number == 1 else "")
            taken.add(other.given)
            shared = ["street", "house", "city", "postcode", "phone", "group"]
            shared += ["email"] * shares_email + ["family"] * (not two_names)
            older = 0 if number == 1 else 26 + draw.randrange(10)
            born = head.born + timedelta(days=365 * older + draw.randrange(-1500, 1500))
            self.people[-1] = replace(self._shared(head, other, *shared), born=born)

    def firm(self, number: int) -> None:
        """Contacts of one firm, with its role address and its switchboard."""
        head = self.person("firm", is_chinese=number % 4 == 0)
        company = f"{self.family_names[number]} {self.draw.choice(('Gmbh', 'Ltd', 'AG', 'Co Ltd'))}"
        role = self.draw.choice(("info", "sales", "office", "einkauf", "qiantai"))
        email = f"{role}@{self.family_names[number].lower()}-works.example"
        head = self.people[-1] = replace(head, group=f"firm{number}", company=company, email=email)
        for _ in range(self.draw.randint(*SWITCHBOARD_CONTACTS) - 1):
            other = self.person("firm", is_chinese=number % 4 == 0)
            self._shared(head, other, "street", "house", "city", "postcode", "phone", "email", "group", "company")

    def father_and_son(self, number: int) -> None:
        """Two people of one name and home; half share the phone, a quarter the e-mail."""
        is_chinese = number % 4 == 3
        father = self.person("father and son", is_chinese, "m")
        marks = ("老", "小") if is_chinese else ("Sr.", "Jr.")
        born = date(1948, 1, 1) + timedelta(self.draw.randrange(5000))
        father = self.people[-1] = replace(father, group=f"line{number}", generation=marks[0], born=born)
        son = self.person("father and son", is_chinese, "m")
        shared = ["given", "family", "street", "house", "city", "postcode", "group"]
        shared += ["phone"] * (number % 2) + ["email"] * (number % 4 == 0)
        son = self._shared(father, son, *shared)
        later = timedelta(days=365 * self.draw.randint(22, 35) + self.draw.randrange(365))
        self.people[-1] = replace(son, generation=marks[1], born=father.born + later)

    def twins(self, number: int) -> None:
        """Born on one day, at home in one place; a third have names that sound alike."""
        is_alike = number % 3 == 0
        is_chinese = number % 5 == 4 and not is_alike
        one = self.person("twins", is_chinese)
        pair = names.TWINS[number // 3 % len(names.TWINS)] if is_alike else (one.given, "")
        one = self.people[-1] = replace(one, group=f"twins{number}", given=pair[0])
        other = self.person("twins", is_chinese, one.sex)
        while other.given == one.given:
            self.people.pop()
            other = self.person("twins", is_chinese, one.sex)
        other = self._shared(
            one, other, "family", "born", "street", "house", "city", "postcode", "phone", "group", "sex"
        )
        self.people[-1] = replace(other, given=pair[1] or other.given)


def of_kind(people: Sequence[Person], kind: str) -> dict[str, list[Person]]:
    """The people of a hazard by group."""
    groups: dict[str, list[Person]] = {}
    for one in people:
        if one.kind == kind:
            groups.setdefault(one.group, []).append(one)
    return groups
