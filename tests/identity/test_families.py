"""People who share things: families, firms, twins, fathers and sons of one name, brides, and channels with new keys."""

from datetime import timedelta

import pytest

from benchmarks import families
from jobs.identity.cleaners import person_names
from jobs.identity.grouping import key_trust, relatives, shared_homes
from jobs.identity.matching.engines import DuckDBEngine
from tests.identity.nights import cleaned
from tests.identity.test_keys_as_evidence import CONF, NIGHT, People, customers, reasons

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def stream():
    return families.run(2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["family", "firm", "father and son", "twins", "couple"])
def test_relatives_and_colleagues_stay_apart_over_ten_nights(stream, kind):
    assert stream.last.merged[kind] <= families.MOST_MERGED[kind]


@pytest.mark.slow
def test_people_are_found_all_the_same(stream):
    assert stream.last.precision >= families.LEAST_PRECISION
    assert stream.last.recall >= families.LEAST_RECALL
    assert stream.last.brides_split <= families.MOST_BRIDES_SPLIT


@pytest.mark.slow
def test_new_keys_for_all_and_a_merge_of_channels_change_nobodys_id(stream):
    assert stream.ids_changed == {"renumbered": 0, "merged": 0}


@pytest.mark.parametrize(
    ("text", "generation"),
    [
        ("John Smith Jr.", "jr"),
        ("Smith, Sr", "sr"),
        ("Smith III", "iii"),
        ("王建国(老)", "sr"),
        ("王建国（小）", "jr"),
        ("Sr. Garcia", None),
        ("Jr", None),
        ("", None),
    ],
)
def test_a_name_tells_the_generation_behind_it(text, generation):
    assert person_names.generation(text) == generation


def twins(people, *given):
    one = people.person(given=given[0])
    other = {**one, "given": given[1], "email": f"own{given[1]}@mail.example"}
    return [
        [people.account(who), people.account(who, "crm"), people.account(who, "web", birth=None)]
        for who in (one, other)
    ]


def with_common_names(people, *names):
    """Each name is borne in four families, so that it is known to be a name."""
    for name in names:
        for _ in range(4):
            one = people.person(given=name)
            people.account(one)
            people.account(one, "crm")


@pytest.mark.parametrize("given", [("jonas", "felix"), ("lena", "lina")])
def test_twins_share_all_but_the_given_name_and_are_two_customers(given):
    people = People(11)
    people.unrelated_people(60)
    with_common_names(people, *given)
    one, other = twins(people, *given)
    customer_of, _ = customers(people)
    assert not {customer_of[a] for a in one} & {customer_of[a] for a in other}


def test_an_account_that_fits_a_father_and_a_son_of_one_name_is_a_question():
    people = People(12)
    people.unrelated_people(60)
    father = people.person(birth="19520311")
    son = {**father, "birth": "19810927"}
    ends = people.account(father), people.account(son)
    torn = people.account(father, "web", birth=None)
    customer_of, company = customers(people)
    assert len({customer_of[a] for a in (*ends, torn)}) == 3
    assert any(relatives.TWO_PEOPLE in reasons(company, torn, end) for end in ends)


def test_an_account_of_a_father_that_has_his_own_phone_is_his():
    people = People(13)
    people.unrelated_people(60)
    father = people.person(birth="19520311")
    son = {**father, "birth": "19810927", "phone": "4123123123"}
    ends = people.account(father), people.account(son)
    own = people.account(father, "web", birth=None)
    customer_of, _ = customers(people)
    assert customer_of[own] == customer_of[ends[0]] != customer_of[ends[1]]


def next_night(people, replaced):
    """The ids of a night, and the company after the next, on which these accounts are others."""
    _, company = customers(people)
    before = company.ids()
    company.night([replaced.get(a["account_id"], a) for a in people.accounts], NIGHT + DAY)
    return before, company


def test_a_key_that_was_issued_again_has_no_heir():
    people = People(14)
    people.unrelated_people(60)
    old = [people.account(people.person()) for _ in range(10)]
    new = {key: {**people.person(), "account_id": key} for key in old}
    before, company = next_night(people, new)
    after = company.ids()
    assert not {before[key] for key in old} & set(after.values())
    ended = {customer for customer, event, *_ in company.events(NIGHT + DAY) if event == "retired"}
    assert ended >= {before[key] for key in old}
    assert not [row for row in company.events(NIGHT + DAY) if row[3] == "unexplained"]


def test_a_customer_who_moved_and_has_another_mailbox_keeps_the_id():
    people = People(15)
    people.unrelated_people(60)
    key = people.account(one := people.person())
    moved = {**people.person(), "given": one["given"], "birth": one["birth"], "account_id": key}
    before, company = next_night(people, {key: moved})
    assert company.ids()[key] == before[key]


def test_a_channel_that_gives_new_keys_to_all_changes_no_id():
    people = People(16)
    people.unrelated_people(60)
    alone = [people.account(people.person(), "till") for _ in range(10)]
    new = {
        a["account_id"]: {**a, "account_id": f"{a['account_id']}-x"}
        for a in people.accounts
        if a["account_id"] in alone
    }
    before, company = next_night(people, new)
    assert {key: company.ids()[f"{key}-x"] for key in alone} == {key: before[key] for key in alone}
    assert company.events(NIGHT + DAY) == []


def test_a_customer_ends_with_its_last_account_and_the_ledger_has_the_day():
    people = People(17)
    people.unrelated_people(60)
    one = people.person()
    first, last = people.account(one), people.account(one, "crm")
    customer_of, company = customers(people)
    assert customer_of[first] == customer_of[last]
    rest = [a for a in people.accounts if a["account_id"] not in (first, last)]
    company.night([*rest, {**one, "account_id": last}], NIGHT + DAY)
    assert company.ids()[last] == customer_of[last]
    assert company.events(NIGHT + DAY) == []
    company.night(rest, NIGHT + 2 * DAY)
    assert company.events(NIGHT + 2 * DAY) == [(customer_of[last], "retired", "", "account gone")]


def test_two_given_names_at_one_home_are_two_people_where_families_are_customers():
    people = People(18)
    people.unrelated_people(60)
    for number in range(12):  # couples whose births are known
        one = people.person(birth=f"19{50 + number}0311")
        home = {name: one[name] for name in ("family", "street", "house", "postcode", "phone")}
        people.account(one)
        people.account(people.person(birth=f"19{50 + number}0923", **home), "crm")
    for name in ("elvira", "gudrun"):  # known as names, and far from common
        for _ in range(3):
            people.account(people.person(given=name))
    one = people.person(given="elvira", birth="19880505")
    ends = people.account(one), people.account({**one, "given": "gudrun", "email": None}, "crm")
    customer_of, company = customers(people)
    assert customer_of[ends[0]] != customer_of[ends[1]]
    assert relatives.GIVEN_NAMES in reasons(company, *ends)


HOME = ("street", "house", "postcode", "phone", "email")


def homes_of_a_club(people, count, second_name=True, shared=(*HOME, "family")):
    """Homes with two accounts of one channel, births unknown: of two people, or of one who is there twice."""
    ends = []
    for _ in range(count):
        one = people.person(birth=None)
        other = {**people.person(birth=None), **{name: one[name] for name in shared}} if second_name else one
        ends.append((people.account(one, "club"), people.account(other, "club")))
        people.account({**one, "phone": None, "email": None})  # the one is known to the shop, too
    return ends


@pytest.mark.parametrize(("count", "doubt"), [(12, [relatives.GIVEN_NAMES]), (4, [])])
def test_two_of_a_home_are_two_people_in_a_channel_that_knows_people_one_by_one(count, doubt):
    """However strong the pair: in a company whose names err often another given name alone says little."""
    people = People(23)
    (left, right), *_ = homes_of_a_club(people, count)
    engine = DuckDBEngine()
    rows = cleaned(people.accounts, NIGHT)
    engine.put("cleaned", rows)
    ends = f"'{left}' AS account_id_left, '{right}' AS account_id_right"
    strong = f"SELECT {ends}, 'names' AS match_rule, 30.0 AS match_weight"
    weighed = relatives.weighed(engine, CONF, engine.table("strong", strong), rows.column_names)
    questions = engine.fetch(f"SELECT doubt FROM {weighed.questions}")["doubt"].to_pylist()
    (weight,) = engine.fetch(f"SELECT match_weight FROM {weighed.pairs}")["match_weight"].to_pylist()
    engine.close()
    assert questions == doubt
    assert (weight < CONF.clustering.join_weight_bits) == bool(doubt)


def test_two_of_a_home_under_two_surnames_are_no_question():
    people = People(23)
    people.unrelated_people(60)
    homes = homes_of_a_club(people, 12, shared=HOME)
    customer_of, company = customers(people)
    assert not [ends for ends in homes if customer_of[ends[0]] == customer_of[ends[1]] or reasons(company, *ends)]
    found = [one for one, other in homes if customer_of[one] == customer_of[f"shop:{int(other[5:]) + 1:04}"]]
    assert len(found) >= 11  # who is who is known all the same


@pytest.mark.parametrize(("ones", "twos", "channels"), [(0, 12, ["club"]), (12, 0, []), (12, 8, []), (0, 6, [])])
def test_a_channel_says_by_its_homes_whether_it_knows_people_one_by_one(ones, twos, channels):
    people = People(24)
    homes_of_a_club(people, twos)
    homes_of_a_club(people, ones, second_name=False)
    engine = DuckDBEngine()
    engine.put("cleaned", cleaned(people.accounts, NIGHT))
    identity = f"SELECT account_id, channel, {key_trust.identity_columns(cleaned([], NIGHT).column_names)} FROM cleaned"
    found = shared_homes.one_by_one(engine, identity, "SELECT account_id, phone, NULL AS place FROM cleaned")
    engine.close()
    assert found == channels


@pytest.mark.parametrize(("own", "is_his"), [("phone", True), ("email", True), (None, False)])
def test_at_a_home_where_somebody_is_marked_junior_an_account_needs_something_of_his_own(own, is_his):
    people = People(19)
    people.unrelated_people(60)
    son = people.person(generation="jr", birth=None)
    nothing = {"generation": None, "phone": None, "email": None}
    marked = people.account(son)
    other = people.account({**son, **nothing, **({own: son[own]} if own else {})}, "crm")
    customer_of, company = customers(people)
    assert (customer_of[marked] == customer_of[other]) == is_his
    assert is_his or relatives.TWO_PEOPLE in reasons(company, marked, other)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_share_new_keys_for_a_channel_move_no_account_to_another_customer(seed):
    people = People(40 + seed)
    people.unrelated_people(20)
    for _ in range(12):  # relatives and namesakes who share at random
        one = people.person()
        shared = people.draw.sample(["given", "family", "birth", "phone", "email", "street", "house"], 5)
        other = {**people.person(), **{name: one[name] for name in shared}}
        for person in (one, one, other, other):
            known = {name: value for name, value in person.items() if name == "given" or people.draw.random() < 0.7}
            people.account(known, people.draw.choice(["shop", "crm", "web"]))
    new = {
        a["account_id"]: {**a, "account_id": f"{a['account_id']}-{people.draw.randrange(10**6)}"}
        for a in people.accounts
        if a["account_id"].startswith("shop:")
    }
    before, company = next_night(people, new)
    after = company.ids()
    together, still = [
        {frozenset(a.split("-")[0] for a in ids if ids[a] == customer) for customer in ids.values()}
        for ids in (before, after)
    ]
    assert together == still
