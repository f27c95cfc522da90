"""Who lives together."""

from datetime import date

from jobs.identity import clusters
from jobs.identity.households import household_links, households, keys

COLUMNS = ("customer_id STRING, surname STRING, phone STRING, street_number STRING, address_1 STRING, "
           "suburb STRING, city STRING, postcode STRING")  # fmt: skip


def test_one_surname_at_one_address_or_phone_is_a_household(spark, settings):
    golden = spark.createDataFrame([
        ("c1", "Ng", None, "5", "King St", "Perth", None, "6000"),
        ("c2", "NG", "040 123 456", "5", "king st.", "Perth", None, "6000"),
        ("c3", "Ng", "040123456", None, None, None, None, None),
        ("c4", "Lee", None, "5", "King St", "Perth", None, "6000"),
        ("c5", "Ng", None, "6", "King St", "Perth", None, "6000"),
    ], COLUMNS)  # fmt: skip
    links = household_links(keys(golden, settings, date(2017, 10, 2)))
    found = households(clusters.components(links), "key").collect()
    assert {row.customer_id for row in found} == {"c1", "c2", "c3"}
    assert len({row.household_id for row in found}) == 1
    assert {row.member_count for row in found} == {3}
