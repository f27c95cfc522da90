"""What lineage says of a night's identity tables follows the fields that cleaning reads."""

from jobs.identity.cleaners import record_fields
from jobs.identity.persistent_ids import origins


def test_every_field_that_cleaning_reads_of_a_record_is_an_origin_of_who_is_one_person():
    read = {f"silver.customers.{name}" for name in record_fields.USED}
    named = {*origins.LINEAGE["identity.customer_map"]["*"], *origins.ACCOUNT}
    assert read - named == {"silver.customers.channel", "silver.customers.is_lead"}  # columns of their own
    assert {"silver.customers.national_id", "silver.customers.is_email_verified"} <= named
