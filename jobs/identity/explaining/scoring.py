"""The model that scored a customer's pairs, over the records that it needs."""

import json
from collections import Counter
from datetime import date

import pyarrow as pa

from jobs.identity.cleaners import cleaning
from jobs.identity.cleaners.cleaning_settings import rules
from jobs.identity.explaining.kept_facts import Facts, Row, ends, texts
from jobs.identity.explaining.waterfall import Scorer
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.reader import Reader

COUNT_UP_TO = 200_000  # accounts; above it only the asked ones are cleaned, and rarities are one sum


def scorer(facts: Facts, conf: Conf, settings: Settings, pairs: list[Row]) -> tuple[date | None, Scorer | None]:
    """The model in force over the records that it needs."""
    chosen = _model_of(facts, pairs)
    if chosen is None or not pairs:
        return (None if chosen is None else chosen["trained_on"]), None
    count = Reader(facts.root).sql("SELECT count(*) AS n FROM silver.customers").to_pylist()[0]["n"]
    accounts = {account for pair in pairs for account in ends(pair)}
    some = "" if count <= COUNT_UP_TO else f" WHERE account_id IN ({texts(accounts)})"
    customers = Reader(facts.root).sql(f"SELECT {cleaning.columns_of(_there(facts))} FROM silver.customers{some}")
    # the hashes are of no use here, so no secret is asked for; birth dates after the last night stay out as in it
    last = facts.rows("identity.customer_map", "max(_run_date) AS day", "true")[0]["day"]
    records = cleaning.clean(_plain(customers), rules(conf), settings.junk, last, secret="")
    return chosen["trained_on"], Scorer(json.loads(chosen["model"]), records, has_all=not some)


def _model_of(facts: Facts, pairs: list[Row]) -> Row | None:
    """The model that most of the pairs name; the newest one of those that name none."""
    models = {
        f"{row['trained_on']}-{row['job_hash'][:8]}": row
        for row in facts.rows("identity.linkage_models", "trained_on, job_hash, model", "true")
    }
    newest = max(models.values(), key=lambda row: row["trained_on"], default=None)
    taken = facts.rows("identity.champion_models", "taken_on, trained_on, model_version, model", "true")
    models |= {f"{row['taken_on']}-v{row['model_version']}": row for row in taken}
    named = Counter(pair["model"] for pair in pairs if pair.get("model") in models)
    return models[named.most_common(1)[0][0]] if named else newest


def _there(facts: Facts) -> list[str]:
    return list(Reader(facts.root).table("silver.customers", None).schema().to_arrow().names)


def _plain(table: pa.Table) -> pa.Table:
    """Text views as texts, which every Arrow function takes."""
    kinds = [pa.field(f.name, pa.string() if pa.types.is_string_view(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(kinds))
