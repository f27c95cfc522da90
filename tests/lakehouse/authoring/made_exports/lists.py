"""Lists of people: shops, mailing programs, CRM and accounting programs, loyalty apps; events."""

import json

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    Made,
    Person,
    all_orders,
    one_file,
    plain,
    rows_text,
)

PERSONS = [Person(at) for at in range(10)]
YES = {0, 2, 3, 7, 8}  # who agreed


def _list(
    name: str,
    what: str,
    file: str,
    head: str,
    row,
    delimiter: str = ",",
    encoding: str = "utf-8",
    before: str = "",
    **right,
) -> Made:
    text = before + rows_text(head.split(delimiter), [row(p) for p in PERSONS], delimiter)
    return one_file(name, what, file, text, encoding, **{"orders": 0, "accounts": 10, "persons": 10, **right})


def klaviyo() -> Made:
    head = (
        "Email,Klaviyo ID,First Name,Last Name,Organization,Title,Phone Number,Address,City,"
        "Zip / Postal Code,Country,Date Added,Email Marketing Consent,SMS Marketing Consent,Last Open"
    )
    words = {
        0: "SUBSCRIBED",
        2: "SUBSCRIBED",
        3: "SUBSCRIBED",
        7: "SUBSCRIBED",
        8: "SUBSCRIBED",
        1: "UNSUBSCRIBED",
        4: "UNSUBSCRIBED",
        5: "NEVER_SUBSCRIBED",
        6: "NEVER_SUBSCRIBED",
        9: "UNSUBSCRIBED",
    }
    return _list(
        "klaviyo_profiles",
        "profiles with consent in words, some never asked",
        "klaviyo_profiles.csv",
        head,
        lambda p: [
            p.email,
            f"01H{p.at}XYZ",
            p.given,
            p.surname,
            "",
            "",
            p.phone,
            f"Street {p.at}",
            p.city,
            p.postcode,
            p.country,
            f"2024-02-{10 + p.at} 09:00:00",
            words[p.at],
            "NEVER_SUBSCRIBED",
            "",
        ],
        granted=5,
    )


def shopify_customers() -> Made:
    head = (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default "
        "Address Address1,Default Address City,Default Address Country Code,Default Address "
        "Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags"
    )
    return _list(
        "shopify_customers",
        "customers of a shop; ids with an apostrophe",
        "customers_export.csv",
        head,
        lambda p: [
            f"'67000000{p.at}",
            p.given,
            p.surname,
            p.email,
            "yes" if p.at in YES else "no",
            "",
            f"Street {p.at}",
            p.city,
            p.country,
            f"'{p.postcode}",
            f"'{p.phone}",
            "no",
            plain(100 * p.at),
            p.at,
            "",
            "no",
            "",
        ],
        granted=5,
    )


def dynamics() -> Made:
    head = (
        "Contact;First Name;Last Name;Email;Mobile Phone;Address 1: City;Address 1: ZIP/Postal "
        "Code;Birthday;Do not allow Emails;Created On"
    )
    return _list(
        "dynamics_contacts",
        "contacts of Dynamics: Do not allow Emails, Allow / Do Not Allow",
        "Active Contacts 31.03.2024.csv",
        head,
        lambda p: [
            f"7e1c-{p.at:04d}-aa",
            p.given,
            p.surname,
            p.email,
            p.phone,
            p.city,
            p.postcode,
            f"{1 + p.at}.5.19{60 + p.at}",
            "Allow" if p.at in YES else "Do Not Allow",
            "2.1.2024 09:00",
        ],
        ";",
        granted=5,
    )


def datev() -> Made:
    before = '"EXTF";700;16;"Debitoren/Kreditoren";5;20240331120000000;"";"RE";"";"";1001;1;20240101;4;"";"";"";"";"";"";"";"";"";""\n'
    head = (
        "Konto;Name (Adressattyp natürl. Person);Vorname (Adressattyp natürl. Person);E-Mail;Telefon;Straße;"
        "Postleitzahl;Ort;Land"
    )
    return _list(
        "datev_debitoren",
        "DATEV: a line of settings above the header, cp1252",
        "EXTF_DebKred_Stamm.csv",
        head,
        lambda p: [10000 + p.at, p.surname, p.given, p.email, p.phone, f"Straße {p.at}", p.postcode, p.city, p.country],
        ";",
        "cp1252",
        before,
    )


def sage() -> Made:
    head = (
        "Account Reference,Company Name,Contact Name,Address Line 1,Town,Postcode,Country,Telephone,E-Mail,"
        "Balance,Credit Limit,Inactive"
    )
    return _list(
        "sage_customers",
        "customers of an accounting program",
        "Customers 310324.csv",
        head,
        lambda p: [
            f"A{p.at:04d}",
            f"{p.surname} Ltd",
            p.name,
            f"Street {p.at}",
            p.city,
            p.postcode,
            p.country,
            p.phone,
            p.email,
            plain(5000),
            "1000.00",
            "0",
        ],
    )


def births() -> Made:
    head = "Karten-Nr;Vorname;Nachname;Geburtsdatum;Geschlecht;E-Mail;Newsletter"
    return _list(
        "loyalty_births",
        "two-digit births, none in the future",
        "Kundenkarte_Mitglieder.csv",
        head,
        lambda p: [
            f"{p.at:06d}",
            p.given,
            p.surname,
            f"{10 + p.at:02d}.07.{(35 + 6 * p.at) % 100:02d}",
            "wm"[p.at % 2],
            p.email,
            "Ja" if p.at in YES else "Nein",
        ],
        ";",
        granted=5,
    )


def loyalty_app() -> Made:
    lines = [
        json.dumps(
            {
                "memberId": f"m{o.person.at}",
                "receipt": {
                    "number": str(o.number),
                    "store": {"id": "S1"},
                    "totalAmount": {"value": o.total / 100, "currency": "EUR"},
                },
                "timestamp": f"{o.moment:%Y-%m-%dT%H:%M:%S}Z",
                "points": o.total // 100,
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "loyalty_app",
        "an app's purchases: receipt and amount nested",
        "loyalty-2024-03-31.ndjson",
        "\n".join(lines),
        **all_orders(currency="EUR"),
    )


def segment_events() -> Made:
    lines = [
        json.dumps(
            {
                "messageId": f"msg-{i}",
                "type": "track",
                "event": ["Product Viewed", "Order Completed", "Cart Viewed"][i % 3],
                "userId": f"u{i % 10}",
                "anonymousId": f"a{i}",
                "timestamp": f"2024-03-{1 + i % 28:02d}T09:00:00.000Z",
                "properties": {"value": i},
            }
        )
        for i in range(40)
    ]
    return one_file(
        "segment_events",
        "events of Segment",
        "segment-2024-03-31.json",
        "\n".join(lines),
        interactions=40,
        first="2024-03-01 09:00:00",
    )


def ga4_events() -> Made:
    lines = [
        json.dumps(
            {
                "event_date": f"202403{1 + i % 28:02d}",
                "event_timestamp": str(1709283600000000 + i * 3600000000),
                "event_name": ["page_view", "purchase", "session_start"][i % 3],
                "user_pseudo_id": f"{1234567 + i % 10}.{1709283600 + i % 10}",
                "event_params": [{"key": "page", "value": {"string_value": "/"}}],
            }
        )
        for i in range(40)
    ]
    return one_file(
        "ga4_events",
        "events of GA4: microseconds as text",
        "events_20240331.json",
        "\n".join(lines),
        interactions=40,
        first="2024-03-01 09:00:00",
    )


def survey() -> Made:
    head = "Respondent ID,Start Date,Email Address,How satisfied are you?,Score,Comment"
    rows = [
        [11800 + i, f"03/{1 + i:02d}/2024 09:00:00 AM", PERSONS[i % 10].email, "Very", 1 + i % 5, "fine"]
        for i in range(20)
    ]
    return one_file(
        "survey", "answers of a survey", "Survey 2024.csv", rows_text(head.split(","), rows), orders=0, accounts=10
    )


def ads() -> Made:
    head = "Day,Campaign,Ad group,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value"
    rows = [
        [f"2024-03-{1 + i:02d}", "Brand", "A", "EUR", plain(1234 + i), 1000 + i, 50 + i, "3.00", "99.00"]
        for i in range(20)
    ]
    return one_file(
        "google_ads",
        "costs of campaigns: no orders",
        "Campaign report.csv",
        "Campaign report\nMarch 1, 2024 - March 31, 2024\n" + rows_text(head.split(","), rows),
        orders=0,
    )


CASES = (
    klaviyo,
    shopify_customers,
    dynamics,
    datev,
    sage,
    births,
    loyalty_app,
    segment_events,
    ga4_events,
    survey,
    ads,
)
