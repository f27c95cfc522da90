"""Whose clock a customer lives by: their state's within their country, else the country's, else the company's."""

import pyarrow as pa

from jobs.activation.contact.places import places, spelled
from jobs.activation.settings.contact_policy import Settings
from lakehouse.config.layers import Conf
from lakehouse.sql.query import Query, Table

ZONES = pa.schema({"country": pa.string(), "state": pa.string(), "zone": pa.string()})
COUNTRIES = pa.schema({"spelling": pa.string(), "country": pa.string()})
CONF = "cleaning"  # countries as exports write them
_COUNTRY = "coalesce(cn.country, lower(trim(g.country)), '')"
JOINS = f"""
    LEFT JOIN {{country_names}} cn ON cn.spelling = lower(trim(g.country))
    LEFT JOIN {{zones}} zs ON zs.country = {_COUNTRY} AND zs.state = lower(trim(g.state))
    LEFT JOIN {{zones}} zc ON zc.country = {_COUNTRY} AND zc.state = ''"""  # of g, a golden customer
ZONE = "coalesce(zs.zone, zc.zone)"

STEPS = {
    "clocks": f"SELECT g.customer_id, {ZONE} AS zone FROM {{golden_customers}} g {JOINS} WHERE {ZONE} IS NOT NULL"
}  # once a customer, not once a candidate


def tables(settings: Settings, conf: Conf) -> dict[str, Table]:
    """The tables behind JOINS."""
    spellings = spelled(conf.document(CONF).value.get("countries", {}))
    zones = [
        {"country": place.country, "state": place.state, "zone": zone}
        for place, zone in places(settings.zones, spellings).items()
    ]
    names = [{"spelling": word, "country": code} for word, code in spellings.items()]
    return {
        "zones": pa.Table.from_pylist(zones, ZONES),
        "country_names": pa.Table.from_pylist(names if zones else [], COUNTRIES),
    }


def without_zone_query(settings: Settings, conf: Conf) -> Query:
    """How many customers have an address of which `zones` says nothing."""
    sql = f"""
    SELECT count(*) AS customer_count FROM {{golden_customers}} g {JOINS}
    WHERE {ZONE} IS NULL AND (trim(g.country) <> '' OR trim(g.state) <> '')"""
    known: dict[str, Table] = {"golden_customers": "identity.golden_customers", **tables(settings, conf)}
    return Query(sql, known, answers="customer_count BIGINT")
