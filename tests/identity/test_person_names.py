"""Latin names: order, particles, titles, suffixes, nicknames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.cleaners import person_names


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Ada M. Lovelace", ("Ada", "Lovelace")),
        ("Lovelace, Ada", ("Ada", "Lovelace")),
        ("DUPONT Jean", ("Jean", "DUPONT")),
        ("Jean DUPONT", ("Jean", "DUPONT")),
        ("JEAN DUPONT", ("JEAN", "DUPONT")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Maria de la Cruz", ("Maria", "de la Cruz")),
        ("van der Berg, Jan", ("Jan", "van der Berg")),
        ("Prof. Dr. Hans von der Heide", ("Hans", "von der Heide")),
        ("John Smith III", ("John", "Smith")),
        ("Smith, John Jr.", ("John", "Smith")),
        ("John Smith, Jr.", ("John", "Smith")),
        ('Robert "Bob" Miller (private)', ("Robert", "Miller")),
        ("Dr. Smith", (None, "Smith")),
        ("Smith", (None, "Smith")),
        ("Mr.", (None, None)),
        ("", (None, None)),
        (" , ", (None, None)),
    ],
)
def test_a_full_name_is_split_by_what_is_written(rules, full, expected):
    assert person_names.split(full, rules) == expected


@pytest.mark.parametrize(
    ("form", "root"),
    [("bob", "robert"), ("robert", "robert"), ("liz", "elizabeth"), ("kate", "catherine"), ("zoe", "zoe")],
)
def test_a_nickname_is_the_same_as_its_name(rules, form, root):
    assert person_names.given_key(form, rules) == root


@pytest.mark.parametrize(
    ("family", "key"),
    [
        ("van der berg", "berg"),
        ("al-hassan", "hassan"),
        ("o'brien", "obrien"),
        ("de", "de"),
        ("smith-jones", "smithjones"),
    ],
)
def test_particles_are_no_part_of_the_family_key(rules, family, key):
    assert person_names.family_key(family, rules) == key


def test_no_root_of_a_nickname_is_a_nickname_itself(rules):
    assert not {root for root in rules.nickname_roots.values() if root in rules.nickname_roots}


@given(st.text(max_size=40))
def test_any_text_is_split_and_a_part_of_it(packaged_rules, text):
    for part in person_names.split(text, packaged_rules):
        assert part is None or part
        person_names.given_key(part or "", packaged_rules)
        person_names.family_key(part or "", packaged_rules)
