"""Shops of which a year is known, and what their customers spent in the second one."""

import pandas as pd
import pytest

from tests.gold.shops import Shop, order_days
from tests.gold.test_value_reference import cover, judged, night

GIFT = Shop("gift")
SHOPS = {
    "gift": GIFT,
    "gift, two years": Shop("gift", 2, years=2.02),
    "garden": Shop("garden", 4, opens=60, years=1.25),
    "no season": Shop("none", 5),
    "growing": Shop("none", 7, years=1.1, growth=0.6),
    "shrinking": Shop("none", 9, years=1.1, growth=-0.5, trend=-0.3),
    "thirteen months": Shop("gift", 11, opens=200, years=13 / 12),
    "new": Shop("gift", 13, customers=3000, older_by=0.0),
    "few large customers": Shop("gift", 12, customers=250, rate=(0.7, 1 / 40), leave=(0.5, 8.0), spread=1.6),
}
STEADY = [name for name in SHOPS if name not in {"shrinking", "growing"}]


@pytest.fixture(scope="module")
def known() -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Of each shop: its customers by the night's values beside the next year, and the next 90 days."""
    found = {}
    for name, shop in SHOPS.items():
        days = order_days(shop)
        lake = night(days[days.order_date <= shop.night], shop.night)
        last = days[(days.order_date <= shop.night) & (days.order_date > shop.night.replace(year=shop.night.year - 1))]
        spent = last.groupby("customer_id").cents.sum() / 100
        year, quarter = (judged(lake, days, shop.night, horizon) for horizon in (365, 90))
        found[name] = year.assign(last=year.customer_id.map(spent).fillna(0.0)), quarter
    return found


def error(rows: pd.DataFrame, figure: str) -> float:
    return float((rows[figure] - rows.spend).abs().mean())


@pytest.mark.parametrize("shop", SHOPS)
def test_a_year_is_expected_better_than_by_last_years_spend(known, shop):
    year, _ = known[shop]

    assert error(year, "expected_spend_365d") < error(year, "last")


@pytest.mark.parametrize("shop", STEADY)
def test_the_quarter_after_a_peak_is_expected_within_a_quarter(known, shop):
    _, quarter = known[shop]

    assert quarter.expected_spend_90d.sum() == pytest.approx(quarter.spend.sum(), rel=0.25)


@pytest.mark.parametrize("shop", STEADY)
@pytest.mark.parametrize("figure", ["orders", "spend"])
def test_four_fifths_of_customers_end_within_the_ranges_of_a_year_and_of_a_quarter(known, shop, figure):
    for rows, days in zip(known[shop], (365, 90), strict=True):
        assert 0.75 <= cover(rows, figure, f"expected_{figure}_{days}d") <= 0.87, days


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("days", [30, 90, 365])
def test_what_is_expected_of_a_customer_lies_in_their_own_range(known, shop, days):
    rows, _ = known[shop]

    for figure in (f"expected_spend_{days}d", f"expected_orders_{days}d"):
        assert rows[figure].between(rows[f"{figure}_low"], rows[f"{figure}_high"]).all()


def test_the_order_in_which_rows_come_changes_no_digit():
    shop = Shop("gift", 4)
    days = order_days(shop)
    days = days[days.order_date <= shop.night]

    one, other = (night(rows, shop.night).published for rows in (days, days.sample(frac=1.0, random_state=3)))

    models = one["gold.customer_value_models"].to_pandas()
    assert "mbg_nbd" in set(models[models.is_chosen].model)  # whose integral is summed over nodes and instants
    for table, rows in one.items():
        keys = ["customer_id"] if table == "gold.customer_value" else ["cohort", "model"]
        before, after = (part.to_pandas().sort_values(keys, ignore_index=True) for part in (rows, other[table]))
        assert before.astype(str).equals(after.astype(str)), table
