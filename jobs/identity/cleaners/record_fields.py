"""The columns of a cleaned record: fields, parts that are made of fields, keys, hashes; and what they come from."""

import pyarrow as pa

FIELDS = (
    "given",
    "family",
    "birth",
    "postcode",
    "suburb",
    "street",
    "street_more",
    "house",
    "region",
    "email",
    "phone",
    "national_id",
    "city",
    "sex",
    "company",
    "company_id",
)
PARTS = (
    "birth_year",
    "birth_day_month",
    "postcode_digits",
    "names",
    "given_key",
    "family_key",
    "name_key",
    "email_name",
    "phone_kind",
    "phone_extension",
    "generation",
)
KEYS = ("loyalty_card", "device", "verified_email")  # what proves by itself, where exports tell it
FINGERPRINT = ("given", "family", "birth", "email", "phone", "national_id", "address")  # hashed one by one, in order
PRINT_LENGTH = 12  # hexadecimal digits of each; as many dashes where it is not known
NO_EVIDENCE = ("sex",)  # a record with nothing else tells nobody apart
USED = (
    "account_id",
    "channel",
    "is_lead",
    "full_name",
    "given_name",
    "surname",
    "birth_date",
    "sex",
    "email",
    "phone",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "city",
    "postcode",
    "state",
    "country",
    "national_id",
    "company",
    "loyalty_card",
    "device_id",
    "is_email_verified",
)
FLAGS = ("is_lead", "is_email_verified")
SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("channel", pa.string()),
        pa.field("is_lead", pa.bool_()),
        *[pa.field(name, pa.string()) for name in (*FIELDS, *PARTS, *KEYS)],
        pa.field("record_hash", pa.string()),
        pa.field("source_hash", pa.string()),
        pa.field("fingerprint", pa.string()),
        pa.field("own_id", pa.string()),
        pa.field("spare_id", pa.string()),
    ]
)
