"""gold.long_tail_customers: who the tail is, and the mode that leaves most after its cost."""

from decimal import Decimal

import pytest

from jobs.gold.long_tail_customers import LONG_TAIL, mode_tables, steps
from jobs.gold.settings.long_tail_customers import Mode, Settings
from tests.both_engines import stepwise_answers

MODES = {
    "page": Mode(
        channels=("web",),
        needs_consent=False,
        cost_per_contact=0.01,
        cost_per_year=0.0,
        contacts_per_year=10,
        uplift_share=0.01,
    ),
    "email": Mode(
        channels=("email",),
        needs_consent=True,
        cost_per_contact=0.0,
        cost_per_year=0.5,
        contacts_per_year=10,
        uplift_share=0.05,
    ),
    "letter": Mode(
        channels=(), needs_consent=True, cost_per_contact=1.0, cost_per_year=0.0, contacts_per_year=4, uplift_share=0.30
    ),
}
SETTINGS = Settings(tail_spend_share=0.2, gross_margin_share=0.5, purposes=("marketing",), modes=MODES)


def tail(spark, spends, channels, consents=(), listed=()):
    """Customer -> (spend_rank, cheapest, serving, contacts, cost, gain, net, recommendations)."""
    accounts = [(f"{channel}:{name}", channel, name) for name, has in channels.items() for channel in has.split()]
    spent = [(name, None if cents is None else Decimal(cents)) for name, cents in spends.items()]
    tables = {
        "customer_value": spark.createDataFrame(spent, "customer_id STRING, expected_spend_365d DECIMAL(18,2)"),
        "customer_map": spark.createDataFrame(accounts, "account_id STRING, channel STRING, customer_id STRING"),
        "consents": spark.createDataFrame(list(consents), "account_id STRING, purpose STRING, is_granted BOOLEAN"),
        "recommendations": spark.createDataFrame([(name,) for name in listed], "customer_id STRING"),
        **mode_tables(SETTINGS),
    }
    return {row[0]: row[3:] for row in stepwise_answers(spark, LONG_TAIL, steps(SETTINGS), **tables)}


def test_the_tail_are_the_smallest_who_together_bring_the_share_and_no_value_is_no_tail(spark):
    spends = {"big": "800", "mid": "120", "small": "70", "tiny": "10", "unknown": None}

    found = tail(spark, spends, {"small": "web", "tiny": "web"}, listed=["small", "small"])

    assert set(found) == {"mid", "small", "tiny"}
    assert found["small"][0] == 3
    assert (found["small"][-1], found["tiny"][-1]) == (2, 0)


def test_the_mode_is_the_one_that_leaves_most_of_those_that_reach_the_customer(spark):
    spends = {"big": "8000", "agreed": "400", "silent": "400", "refused": "400", "far": "300", "poor": "2"}
    channels = {"agreed": "web email", "silent": "web email", "refused": "web email", "far": "pos", "poor": "web"}
    consents = [
        ("email:agreed", "marketing_email", True),
        ("email:refused", "marketing_email", False),
        ("web:refused", "marketing", True),
        ("web:agreed", "delivery", False),
    ]

    found = tail(spark, spends, channels, consents)

    cents = [Decimal("4.00"), Decimal("60.00"), Decimal("56.00")]
    assert list(found["agreed"][1:7]) == ["page", "letter", 4, *cents]  # 400 * 0.5 * 0.30 less 4 letters
    assert found["silent"][1:3] == ("page", "page")
    assert found["refused"][1:3] == ("page", "page")
    assert found["far"][1:3] == ("none", "none")
    assert found["poor"][1:4] == ("page", "none", 0)  # 2 * 0.5 * 0.01 is less than ten views cost
    assert found["poor"][4:7] == (Decimal("0.00"),) * 3


@pytest.mark.parametrize(
    ("per_interval", "interval_days", "expected"),
    [(None, 182, 12), (1, None, 12), (1, 28, 12), (1, 182, 2), (2, 182, 4), (0.1, 182, 1)],
)
def test_a_mode_reaches_a_customer_no_more_often_than_the_companys_interval_lets_it(
    per_interval, interval_days, expected
):
    mode = MODES["page"].model_copy(update={"contacts_per_year": 12, "contacts_per_interval": per_interval})

    assert mode.contacts(interval_days) == expected
