"""A job reads what it declares and nothing else; a view outside of nights reads all."""

from datetime import date

import pytest

from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.lake.snapshot import Terms
from lakehouse.sql.query import Query

NIGHT = date(2024, 1, 1)
PRODUCTS, COUPONS = "silver.products", "silver.coupons"


@pytest.mark.parametrize("readable", [(PRODUCTS,), ("silver.*", "gold.x"), ("gold.x", PRODUCTS), None])
def test_what_is_declared_can_be_read(lake: Lake, readable):
    view = lake.for_job("gold.x", "hash", Terms(readable=readable))

    assert view.read(PRODUCTS).count() == 0
    assert list(view.pinned) == [PRODUCTS]


@pytest.mark.parametrize(
    "read",
    [
        lambda view: view.read(PRODUCTS),
        lambda view: view.row_count(PRODUCTS),
        lambda view: view.fetch(Query("SELECT * FROM {products}", {"products": PRODUCTS})),
        lambda view: view.new_rows(PRODUCTS, None),
        lambda view: view.stored_bytes(PRODUCTS),
        lambda view: view.for_rows(10).read(PRODUCTS),
    ],
)
def test_what_is_not_declared_is_refused_by_whatever_way_it_is_read(lake: Lake, read):
    lake.publish(PRODUCTS, lake.empty(PRODUCTS), NIGHT)
    view = lake.for_job("gold.x", "hash", Terms(readable=(COUPONS,)))

    with pytest.raises(LakehouseError, match=r"gold\.x reads silver\.products and does not declare it"):
        read(view)
    assert view.pinned == {}


def test_ops_tables_count_too(lake: Lake):
    with pytest.raises(LakehouseError, match=r"reads ops\.files"):
        lake.for_job("gold.x", "hash", Terms(readable=(COUPONS,))).read("ops.files")


def test_its_own_table_is_declared_like_any_other_and_can_always_be_published(lake: Lake):
    view = lake.for_job(COUPONS, "hash", Terms(readable=()))

    view.publish(COUPONS, view.empty(COUPONS), NIGHT)

    with pytest.raises(LakehouseError, match="READS_PREVIOUS"):
        view.read(COUPONS)


def test_an_accepted_hash_counts_as_the_jobs_own(lake: Lake):
    lake.for_job(COUPONS, "old").publish(COUPONS, lake.empty(COUPONS), NIGHT)

    plain, accepted = (lake.for_job(COUPONS, "new", terms) for terms in (None, Terms(same_hashes=frozenset({"old"}))))

    assert (plain.is_current(COUPONS), accepted.is_current(COUPONS)) == (False, True)
    assert plain.learned_hash == "new"
    assert not plain.is_learned_alike("old")
    learner = lake.for_job(COUPONS, "new", Terms(learned_hash="m2", same_learned_hashes=frozenset({"m1"})))
    assert [learner.is_learned_alike(one) for one in ("m1", "m2", "m3", "new")] == [True, True, False, False]
