"""How many right pairs are never seen, from those that are."""

from itertools import product

import numpy as np
import pytest

from jobs.identity.matching import found_share
from jobs.identity.matching.found_share import Evidence, Seen

AGREES, DIFFERS = 7.0, -5.0


def seen(shares: list[float], constant: float, count: float = 100_000) -> tuple[Seen, float]:
    """Right pairs whose fields agree so often, and the share of them that weighs even odds or more."""
    patterns = np.array(list(product([1.0, 0.0], repeat=len(shares))))
    how_often = np.prod(np.where(patterns == 1, shares, 1 - np.array(shares)), axis=1)
    bits = np.where(patterns == 1, AGREES, DIFFERS)
    weight = bits.sum(axis=1) + constant
    found = float(how_often[weight >= 0].sum())
    pairs = count * how_often * (1 + np.exp2(-weight))  # wrong ones among them, as the weight says
    return Seen(Evidence(bits, np.full(len(bits), constant)), [], pairs), found


@pytest.mark.parametrize("shares", [[0.9, 0.8, 0.7, 0.6], [0.6, 0.6, 0.6, 0.6], [0.95, 0.9, 0.95, 0.9]])
@pytest.mark.parametrize("constant", [-1.0, -13.0])
def test_what_fields_lose_independently_says_what_all_of_them_lose(shares, constant):
    pairs, found = seen(shares, constant)

    kinds = ["given_name", "birth_date", "address", "phone"]
    assert found_share.estimated(pairs, kinds) == pytest.approx(found, abs=0.02)


def test_pairs_that_always_agree_lose_nobody():
    pairs, _ = seen([1.0, 1.0, 1.0], -3.0)

    assert found_share.estimated(pairs, ["given_name", "birth_date", "phone"]) == 1.0


def test_few_pairs_say_nothing():
    pairs, _ = seen([0.6, 0.6, 0.6, 0.6], -1.0, count=30)

    assert found_share.estimated(pairs, ["given_name", "birth_date", "address", "phone"]) == 1.0


def test_lines_of_one_address_depend_on_each_other():
    assert found_share.groups(["given_name", "address", "family_name", "city", "phone"]) == [[0, 2], [1, 3], [4]]


def test_the_rarity_of_a_pair_goes_to_the_fields_that_agree_as_is_typical_of_them():
    agrees, rarity = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([-14.0, -5.0])

    bits = found_share.with_rarity(np.zeros((2, 2)), agrees, rarity, np.array([-3.0, -9.0]))

    assert bits.tolist() == [[4.0, 10.0], [5.0, 0.0]]
