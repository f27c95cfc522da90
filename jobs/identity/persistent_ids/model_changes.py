"""A model that was trained again changes no customer in passing: what it would regroup is listed first.

Until the change is applied, pairs of accounts that nothing new is known of keep the weights of the model before.
"""

from dataclasses import dataclass

from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids.scored_pairs import Matching


@dataclass(frozen=True)
class Change:
    """What becomes of a new model tonight.

    reason: for the ledger, where it is applied; note: for the night's report; pending: table of what is listed.
    is_none: it regroups nobody.
    """

    reason: str
    note: str
    pending: Table
    is_none: bool = False


def none(engine: Engine) -> Change:
    """The model is the one in force."""
    return Change("", "", engine.table("pending", "SELECT * FROM listed WHERE 1 = 0"))


def is_another(engine: Engine, model: str) -> bool:
    """Whether pairs that another model scored are in force."""
    others = f"SELECT 1 AS one FROM pairs_before WHERE coalesce(model, '') <> '{model}' LIMIT 1"
    return bool(engine.fetch(others).num_rows)


def listed(engine: Engine, model: str) -> Table:
    """What is listed already of this model."""
    return engine.table("pending", f"SELECT * FROM listed WHERE model = '{model}'")


def is_due(matching: Matching, pending: Table) -> bool:
    """Whether everybody must be regrouped tonight by another model than the one in force: to list it or to apply it."""
    return not _is_listed(matching, pending) or _may_apply(matching, pending)


def _is_listed(matching: Matching, pending: Table) -> bool:
    earlier = f"SELECT 1 AS one FROM {pending} WHERE listed_on < DATE '{matching.run_date}' LIMIT 1"
    return bool(matching.engine.fetch(earlier).num_rows)


def _may_apply(matching: Matching, pending: Table) -> bool:
    """Approved, or listed on an earlier night and small enough."""
    engine, rules = matching.engine, matching.conf.model_changes
    approved = engine.fetch(
        "SELECT count(*) AS n FROM decisions WHERE decision = 'apply_model' AND withdrawn_on IS NULL "
        f"AND account_id_left = 'model:{matching.model.name}'"
    ).to_pylist()[0]["n"]
    if approved or rules.apply == "approved":
        return bool(approved) and _is_listed(matching, pending)
    share = engine.fetch(f"SELECT min(kept_share) AS share FROM {pending}").to_pylist()[0]["share"]
    return _is_listed(matching, pending) and share is not None and share >= rules.least_kept_share


def waiting(engine: Engine, model: str, pending: Table) -> Change:
    """A change that is listed and may not be applied tonight."""
    customers = engine.fetch(f"SELECT count(DISTINCT customer_id) AS n FROM {pending}").to_pylist()[0]["n"]
    return Change(
        "",
        f"the model {model} waits: it would change {customers:,} customers, see "
        "identity.pending_model_changes and 'lakehouse decide --apply-model'",
        pending,
    )


def compare(matching: Matching, clusters: Table, assigned: Table, pending: Table) -> Change:
    """List how `clusters` (by the new model) differ from `assigned` (by what is in force), or apply it.

    Args:
        pending: what is listed already of this model.
    """
    engine, model = matching.engine, matching.model.name
    may_apply = _may_apply(matching, pending)
    listed_on = engine.fetch(f"SELECT min(listed_on) AS day FROM {pending}").to_pylist()[0]["day"]
    differences = _differences(matching, clusters, assigned)
    counts = engine.fetch(f"SELECT count(*) AS rows, min(kept_share) AS share FROM {differences}").to_pylist()[0]
    if not counts["rows"]:
        return Change("", "", differences, is_none=True)
    if may_apply:
        note = f"the model {model} was applied to all accounts"
        return Change(f"model {model}, listed on {listed_on}", note, none(engine).pending)
    return Change(
        "",
        f"the model {model} would change {1 - counts['share']:.2%} of the customers: listed in "
        "identity.pending_model_changes, not applied yet",
        differences,
    )


def _differences(matching: Matching, clusters: Table, assigned: Table) -> Table:
    """A row per customer that would be split, or merged with another."""
    engine = matching.engine
    parts = engine.table(
        "parts",
        f"""
        SELECT a.customer_id, coalesce(c.cluster, a.account_id) AS proposed, count(*) AS accounts
        FROM {assigned} a LEFT JOIN {clusters} c ON a.account_id = c.account_id
        GROUP BY a.customer_id, coalesce(c.cluster, a.account_id)""",
    )
    differing = engine.table(
        "differing",
        f"""
        SELECT customer_id, 'split' AS change, '' AS other_customer_id, sum(accounts) AS account_count
        FROM {parts} GROUP BY customer_id HAVING count(*) > 1
        UNION ALL
        SELECT o.customer_id, 'merge', f.first_id, o.accounts FROM {parts} o JOIN (
            SELECT proposed, min(customer_id) AS first_id FROM {parts} GROUP BY proposed HAVING count(*) > 1) f
        ON o.proposed = f.proposed WHERE o.customer_id <> f.first_id""",
    )
    return engine.table(
        "pending",
        f"""
        SELECT '{matching.model.name}' AS model, d.customer_id, d.change, d.other_customer_id,
               CAST(d.account_count AS INT) AS account_count, DATE '{matching.run_date}' AS listed_on,
               1 - CAST(t.touched AS DOUBLE) / n.customers AS kept_share
        FROM {differing} d
        CROSS JOIN (SELECT count(*) AS touched FROM (SELECT customer_id FROM {differing} UNION
                    SELECT other_customer_id FROM {differing} WHERE other_customer_id <> '') x) t
        CROSS JOIN (SELECT count(DISTINCT customer_id) AS customers FROM {assigned}) n""",
    )
