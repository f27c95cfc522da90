"""gold.segment_profile."""

from decimal import Decimal

import pyarrow as pa
import pytest

from jobs.gold import segment_profile
from jobs.gold.segment_profile import groups_sql, profiles
from jobs.gold.settings.behaviour_clusters import FEATURES
from tests.both_engines import answers
from tests.conftest import RUN_DATE


def customers(*rows):
    """Profiles of (id, state, orders, spend, worth, redemptions)."""
    money = pa.decimal128(18, 2)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    kinds = (pa.string(), pa.string(), pa.int64(), money, money, pa.int64())
    ids, states, orders, spend, worth, redeemed = (pa.array(c, k) for c, k in zip(columns, kinds, strict=True))
    count = len(rows)
    average = pa.array([r[3] / r[2] if r[2] else None for r in rows], money)
    return pa.table(
        {
            "customer_id": ids,
            "state": states,
            "order_count": orders,
            "spend": spend,
            "clv_365d": worth,
            "coupon_redemption_count": redeemed,
            "average_order": average,
            "rfm_segment": pa.array(["champions" if r[2] > 5 else None for r in rows], pa.string()),
            "recency_days": pa.array([7 if r[2] else None for r in rows], pa.int32()),
            "p_alive": pa.array([0.9 if r[2] else None for r in rows], pa.float64()),
            "channels": pa.array([["web"]] * count, pa.list_(pa.string())),
            "favourite_category": pa.array(["MILK" if r[2] else None for r in rows], pa.string()),
            "favourite_channel": pa.array(["web"] * count, pa.string()),
        }
    )


def clusters(**discounts):
    """One cluster of customers with these shares of discounts."""
    values = {name: pa.array([0.5] * len(discounts), pa.float64()) for name in FEATURES}
    values["discount_share"] = pa.array(list(discounts.values()), pa.float64())
    return pa.table(
        {
            "customer_id": pa.array(list(discounts), pa.string()),
            "cluster": pa.array(["thrifty"] * len(discounts), pa.string()),
            **values,
        }
    )


def segments(*rows):
    return pa.table(
        {
            "customer_id": pa.array([r[0] for r in rows], pa.string()),
            "segment": pa.array([r[1] for r in rows], pa.string()),
        }
    )


PEOPLE = (
    ("c1", "loyal", 10, Decimal(100), Decimal(50), 8),
    ("c2", "loyal", 10, Decimal(300), Decimal(150), 0),
    ("c3", "repeat", 2, Decimal(100), Decimal(50), 0),
    ("c4", "lead", 0, Decimal(0), None, 0),
)


def described(spark, people, placed, ruled):
    """The table's rows by dimension and name, after both engines have answered alike."""
    tables = {"customer_profile": people, "behaviour_clusters": placed, "segments": ruled}
    found = answers(spark, groups_sql(), **tables)
    names = ["dimension", "name", "customer_count", "buyer_count", "spend", "clv_total"]
    names += [n for c in segment_profile.COMPARED for n in (c, f"{c}_deviation")]
    groups = [dict(zip((*names, "favourite_category", "favourite_channel"), row, strict=True)) for row in found]
    return {(row["dimension"], row["name"]): row for row in profiles(groups).to_pylist()}


def test_groups_of_all_kinds_have_size_worth_and_what_sets_them_apart(spark):
    rows = described(spark, customers(*PEOPLE), clusters(c1=0.4, c2=0.2), segments(("c1", "coupons"), ("c4", "new")))

    assert set(rows) == {
        ("everyone", "all customers"),
        ("rfm_segment", "champions"),
        ("state", "loyal"),
        ("state", "repeat"),
        ("state", "lead"),
        ("cluster", "thrifty"),
        ("segment", "coupons"),
        ("segment", "new"),
    }
    loyal = rows["state", "loyal"]
    assert (loyal["customer_count"], loyal["share"], loyal["spend"]) == (2, 0.5, Decimal("400.00"))
    assert (loyal["spend_share"], loyal["clv_share"]) == (0.8, 0.8)
    coupons = rows["segment", "coupons"]
    assert coupons["profile"].startswith("coupon redemption count 8 against 2.67 (+1.4 sd)")
    assert coupons["sets_apart"][0] == {
        "measure": "coupon_redemption_count",
        "group_mean": 8.0,
        "customer_mean": pytest.approx(2.666667),
        "difference": 1.414,
    }
    assert rows["cluster", "thrifty"]["discount_share"] == pytest.approx(0.3)


def test_who_never_ordered_is_described_as_such_and_makes_no_buyer_poorer(spark):
    rows = described(spark, customers(*PEOPLE), clusters(), segments())

    assert (rows["state", "lead"]["profile"], rows["state", "lead"]["buyer_count"]) == ("no orders", 0)
    assert rows["everyone", "all customers"]["profile"] == "like everyone"
    assert rows["everyone", "all customers"]["order_count"] == pytest.approx(22 / 3)


def test_without_customers_the_table_is_empty_and_says_so(spark, lake):
    view = lake.for_job("gold.segment_profile", "h")

    segment_profile.run(view, RUN_DATE, view.profile)

    assert view.row_count("gold.segment_profile") == 0
    assert view.notes == ["gold.segment_profile: no customers are known yet"]
