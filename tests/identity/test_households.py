"""Who lives together."""

from jobs.identity.grouping import clusters
from jobs.identity.households import household_links, households, keys

COLUMNS = "account_id STRING, family STRING, phone STRING, house STRING, street STRING, suburb STRING, postcode STRING"


def test_one_surname_at_one_address_or_phone_is_a_household(spark):
    golden = spark.createDataFrame(
        [
            ("c1", "ng", None, "5", "kingst", "perth", "6000"),
            ("c2", "ng", "040123456", "5", "kingst", "perth", "6000"),
            ("c3", "ng", "040123456", None, None, None, None),
            ("c4", "lee", None, "5", "kingst", "perth", "6000"),
            ("c5", "ng", None, "6", "kingst", "perth", "6000"),
        ],
        COLUMNS,
    )
    links = household_links(keys(golden))
    actual = households(clusters.components(links), "key").collect()
    assert {row.customer_id for row in actual} == {"c1", "c2", "c3"}
    assert len({row.household_id for row in actual}) == 1
    assert {row.member_count for row in actual} == {3}
