"""Lists of texts without doubles: partners by the words they share, and none where chance explains all."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import text_peer
from benchmarks.catalogues import catalogues
from benchmarks.shop_lists import bibliographies, shop_lists
from benchmarks.trade_lists import TRADES, trade_lists
from jobs.identity.record_sets import expected, file_fields, file_linkage
from jobs.identity.settings.identity import Settings
from jobs.identity.text_lists import assignment, chances, vectors
from jobs.identity.text_lists.assignment import NOBODY, Pairs
from lakehouse.config.layers import Conf

CONF = Conf().settings("identity", Settings)
PRODUCTS = """
id: record
source: shop
link: one_to_one
fields:
  name: {type: free_text}
  brand: {type: company}
  price: {type: number}
  description: {type: free_text}
"""
PUBLICATIONS = """
id: record
source: shop
link: one_to_one
fields:
  title: {type: free_text}
  authors: {type: free_text}
  venue: {type: free_text}
  year: {type: number}
"""


def linked(folder, rows: pd.DataFrame, text: str) -> tuple[file_linkage.FileLinkage, float, float]:
    """The linkage, its precision and recall (pairs)."""
    records, fields = folder / "records.parquet", folder / "fields.yaml"
    rows.to_parquet(records)
    fields.write_text(text)
    linkage = file_linkage.link([records], file_fields.settings_of(fields), CONF)
    product = dict(zip(rows["shop"] + ":" + rows["record"], rows["product"], strict=True))
    things = linkage.records.assign(product=linkage.records["account_id"].map(product))
    joined = [group["product"].tolist() for _, group in things.groupby("customer_id") if len(group) > 1]
    right = sum(one == other for one, other in joined)
    return linkage, right / max(len(joined), 1), right / max(rows["product"].duplicated().sum(), 1)


@pytest.mark.parametrize(
    ("rows", "text"),
    [(shop_lists("electronics", 500, 7), PRODUCTS), (bibliographies(800, 7), PUBLICATIONS)],
    ids=["products", "publications"],
)
def test_texts_find_their_partners_and_know_how_sure_that_is(tmp_path, rows, text):
    linkage, precision, recall = linked(tmp_path, rows, text)

    assert precision > 0.75
    assert recall > 0.7
    assert linkage.expected.precision is None or linkage.expected.precision == pytest.approx(precision, abs=0.05)


@pytest.mark.parametrize("trade", TRADES)
def test_lists_that_each_seller_writes_in_a_way_of_its_own_are_linked_no_worse_than_by_ten_lines(tmp_path, trade):
    rows = trade_lists(trade, 500, 9)
    _, precision, recall = linked(tmp_path, rows, PRODUCTS)

    ours = 2 * precision * recall / max(precision + recall, 1e-9)
    assert ours >= best_by_ten_lines(rows) - 0.02


def best_by_ten_lines(rows: pd.DataFrame) -> float:
    """F1 of TF-IDF with one partner each, at the threshold that is best by the truth."""
    text = rows[["name", "brand", "description"]].fillna("").agg(" ".join, axis=1).str.lower()
    sides = [rows.index[rows["shop"] == shop] for shop in ("shop0", "shop1")]
    pairs = text_peer.greedy(*(text[side].tolist() for side in sides))
    product = rows["product"].to_numpy()
    is_right = product[sides[0][pairs["left"]]] == product[sides[1][pairs["right"]]]
    found, count = np.cumsum(is_right), np.arange(1, len(is_right) + 1)
    return float((2 * found / (count + rows["product"].duplicated().sum())).max())


def in_one_list_only(rows: pd.DataFrame) -> pd.DataFrame:
    """Products that one shop alone has."""
    return rows[~rows["product"].duplicated(keep=False)].reset_index(drop=True)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (shop_lists("apart", 400, 1), PRODUCTS),
        (in_one_list_only(catalogues(2000, 5)), PRODUCTS),
        (in_one_list_only(shop_lists("electronics", 1500, 8)), PRODUCTS),
        (in_one_list_only(bibliographies(800, 6)), PUBLICATIONS),
        *((in_one_list_only(trade_lists(trade, 700, 8)), PRODUCTS) for trade in TRADES),
    ],
    ids=["shops", "siblings", "electronics", "publications", *TRADES],
)
def test_lists_with_nothing_in_common_stay_apart_and_the_report_says_so(tmp_path, rows, text):
    linkage, _, _ = linked(tmp_path, rows, text)

    assert linkage.records["customer_id"].nunique() == len(linkage.records)
    assert linkage.expected.precision is None
    assert "told from chance" in " ".join(linkage.notes)


def test_what_cannot_be_told_is_no_figure():
    told = [expected.of_texts(expected.Expected(precision, 0.9)) for precision in (0.99, 0.92, 0.6)]

    assert [(one.precision, one.recall) for one in told] == [(0.99, 0.9), (0.92, None), (None, None)]
    assert "cannot be told" in str(told[1])
    assert "cannot be told" in str(told[2])
    records = pd.DataFrame({"account_id": ["a", "b"], "channel": "x", "customer_id": "a"})
    pairs = pd.DataFrame({"account_id_left": ["a"], "account_id_right": ["b"], "match_weight": [20.0]})
    unseen = expected.of_things(records, pairs, is_across=False, is_one_to_one=False, found=0.7)
    assert unseen.recall is None
    assert "at most 0.70" in str(unseen)


def test_chinese_words_are_pairs_of_characters_beside_words_and_codes():
    assert vectors.words("海天酱油 500ml") == ["海天", "天酱", "酱油", "500ml", "酱油500ml"]


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = bibliographies(300, 5)
    once, _, _ = linked(tmp_path, rows, PUBLICATIONS)
    again, _, _ = linked(tmp_path, rows.iloc[::-1].reset_index(drop=True), PUBLICATIONS)

    assert once.records.equals(again.records)


def test_a_model_number_is_one_word_however_it_is_cut():
    assert "dx100" in vectors.codes("sony dx 100")
    assert vectors.vectors(["sony dx 100", "dx 100", ""], vectors.words).shape[0] == 3


def test_without_its_partner_a_record_goes_to_one_that_is_free_or_likes_it_better():
    # records 0, 1 of the one list; 2, 3, 4 of the other
    pairs = Pairs(np.array([0, 0, 0, 1, 1]), np.array([2, 3, 4, 3, 4]), 5, (2, 3))
    score = np.array([9.0, 4.0, 3.0, 5.0, 1.0])

    pair_of = assignment.assigned(pairs, score)
    second, third = assignment.next_best(pairs, score, pair_of)

    assert pair_of.tolist() == [0, 3, 0, 3, NOBODY]
    assert second[0] == 2  # record 3 likes its own partner better
    assert third[0] == NOBODY


def test_scores_beyond_what_chance_gives_are_surer_than_those_that_chance_explains():
    draw = np.random.default_rng(5)
    by_chance = np.sort(draw.normal(0, 1, (500, 20)), axis=1)[:, ::-1]
    alone, others = by_chance[:250], by_chance[250:]
    score = np.concatenate([alone[:, 0], np.full(250, 6.0)])
    second, third = np.concatenate([alone[:, 1:3], others[:, :2]]).T

    probability, _ = chances.right(score, second, third, 0)

    assert probability[250:].min() > 0.95
    assert probability[:250].max() < probability[250:].min()


def test_a_list_without_texts_of_its_own_is_still_read(tmp_path):
    rows = bibliographies(200, 3).assign(title=lambda r: r["title"].where(r["shop"] == "shop0"))

    linkage, _, _ = linked(tmp_path, rows, PUBLICATIONS)

    assert len(linkage.records) == len(rows)


def test_nothing_joined_expects_nothing():
    records = pd.DataFrame({"account_id": ["a", "b"], "channel": ["x", "y"], "customer_id": ["a", "b"]})
    pairs = pd.DataFrame({"account_id_left": ["a"], "account_id_right": ["b"], "match_weight": [-1.0]})

    assert expected.of_things(records, pairs, is_across=True, is_one_to_one=True) == expected.NOTHING_JOINED


def test_a_record_beside_a_pair_of_one_to_one_lists_is_not_missed():
    records = pd.DataFrame({"account_id": ["a", "b", "c"], "channel": ["x", "y", "y"], "customer_id": ["a", "a", "c"]})
    pairs = pd.DataFrame({"account_id_left": ["a", "a"], "account_id_right": ["b", "c"], "match_weight": [20.0, 10.0]})

    sure = expected.of_things(records, pairs, is_across=True, is_one_to_one=True)

    assert sure.recall == pytest.approx(1.0)


def test_two_records_that_a_third_holds_together_are_as_sure_as_their_way_over_it():
    records = pd.DataFrame({"account_id": ["a", "b", "c"], "channel": "x", "customer_id": "a"})
    pairs = pd.DataFrame({"account_id_left": ["a", "b"], "account_id_right": ["b", "c"], "match_weight": [20.0, 20.0]})

    sure = expected.of_things(records, pairs, is_across=False, is_one_to_one=False)

    assert sure.precision == pytest.approx(1.0, abs=0.001)
