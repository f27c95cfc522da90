"""Why an id changed: for each event of a night the account or decision that stands behind it.

Groups that share no account with a new, changed or departed account, nor with a new decision, come out as they were
(groups.py). So the evidence of an event is always among the accounts of its two ids, before or after, or among those
of ids that exchanged accounts with them the same night. A model that was applied, and a value that became too common
to prove anything or no longer is, may regroup anybody. What still has none of these is said to be `unexplained`.
"""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.identity.grouping.groups import component_labels
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids.account_keys import REISSUED
from jobs.identity.persistent_ids.ids import Assignment

WORDS = {
    "created": "first account of a new customer",
    "split": "its accounts no longer hold together with the rest",
    "restored": "the id from before is theirs again",
    "merged": "the same person as an older customer",
    "moved": "some accounts belong to another customer",
    "retired": "none of its accounts exists any more",
    "erased": "the person was forgotten on request",
}
UNEXPLAINED = "unexplained"
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("customer_id", "event", "other_customer_id")]
    + [("run_date", pa.date32())]
    + [(n, pa.string()) for n in ("reason", "evidence", "account_id")]
    + [("account_count", pa.int32())]
)


def explain(engine: Engine, run_date: date, assignment: Assignment, model_change: str, common_value: str = "") -> Table:
    """What happened to ids with run_date, reason, evidence and the account that is the evidence: SCHEMA.

    Args:
        model_change: what to say where only a newly applied model explains a change; "" when none was applied.
        common_value: the same where only a value that became too common, or no longer is, does.
    """
    happened = engine.fetch(f"SELECT * FROM {assignment.happened} WHERE event <> 'created'").to_pandas()
    explained = _with_evidence(happened, _candidates(engine, assignment), _otherwise(model_change, common_value))
    explained["reason"] = explained["event"].map(WORDS) + ": " + explained["text"]
    rows = explained.assign(run_date=run_date, account_count=explained["account_count"].astype("int32"))[SCHEMA.names]
    of_others = engine.table_of("explained", pa.Table.from_pandas(rows, SCHEMA, preserve_index=False))
    return engine.table(
        "events",
        f"""
        SELECT {", ".join(SCHEMA.names)} FROM {of_others} UNION ALL
        SELECT customer_id, event, other_customer_id, DATE '{run_date}', '{WORDS["created"]}', 'new account',
               account_id, CAST(account_count AS INT) FROM {assignment.happened} WHERE event = 'created'""",
    )


def _candidates(engine: Engine, assignment: Assignment) -> pd.DataFrame:
    """Possible evidence: account_id, id (that has or had the account), kind, rank (smaller is better), text."""
    happened = f"FROM {assignment.happened} WHERE event <> 'created'"
    ids = engine.table("stirred_ids", f"SELECT customer_id AS id {happened} UNION SELECT other_customer_id {happened}")
    stirred = engine.table(
        "stirred",
        f"""
        SELECT x.* FROM (
            SELECT a.account_id, a.before_id, a.customer_id, CASE WHEN a.before_id IS NULL THEN 'new account'
                   WHEN n.account_id IS NOT NULL THEN 'changed account' ELSE '' END AS kind
            FROM {assignment.accounts} a LEFT JOIN new_evidence n ON a.account_id = n.account_id
            UNION ALL SELECT CASE WHEN p.account_id LIKE '%{REISSUED}%' THEN substr(p.account_id, 1,
                   length(p.account_id) - {len(REISSUED) + len("2025-01-01")}) ELSE p.account_id END,
                   p.customer_id, CAST(NULL AS STRING), 'account gone'
            FROM previous p LEFT JOIN cleaned c ON p.account_id = c.account_id WHERE c.account_id IS NULL) x
        LEFT JOIN {ids} b ON x.before_id = b.id LEFT JOIN {ids} a ON x.customer_id = a.id
        WHERE b.id IS NOT NULL OR a.id IS NOT NULL""",
    )
    decided = f"""
        SELECT s.account_id, s.before_id, s.customer_id, 'steward decision' AS kind,
               concat(d.decision, CASE WHEN d.withdrawn_on IS NULL THEN '' ELSE ' (withdrawn)' END, ' by ', d.steward,
                      ' on ', CAST(coalesce(d.withdrawn_on, d.decided_on) AS STRING)) AS text
        FROM {stirred} s JOIN recent_decisions d ON s.account_id IN (d.account_id_left, d.account_id_right)"""
    columns = "account_id, before_id, customer_id, kind"
    rows = engine.fetch(f"SELECT {columns}, kind AS text FROM {stirred} UNION ALL {decided}").to_pandas()
    ranks = {"steward decision": 0, "changed account": 1, "new account": 2, "account gone": 3, "": 9}
    ranked: pd.DataFrame = rows.assign(rank=rows["kind"].map(ranks))
    return ranked


def _otherwise(model_change: str, common_value: str) -> tuple[str, str]:
    """Kind and text of what concerns everybody, for events that no account or decision explains."""
    if model_change:
        return "model change", model_change
    return ("common value", common_value) if common_value else (UNEXPLAINED, UNEXPLAINED)


def _with_evidence(events: pd.DataFrame, rows: pd.DataFrame, otherwise: tuple[str, str]) -> pd.DataFrame:
    """Add text, evidence and account_id: the best of the event's own ids, else of their region."""
    events = events.drop(columns="account_id").reset_index(drop=True)
    by_id = rows.melt(["account_id", "kind", "rank", "text"], ["before_id", "customer_id"], value_name="id").dropna(
        subset="id"
    )
    evidence = by_id[by_id["rank"] < 9].sort_values(["rank", "account_id", "text"])
    region = _regions(rows)
    ids = pd.concat([events["customer_id"], events["other_customer_id"]])
    ids = ids[ids != ""].rename("id").rename_axis("number").reset_index()
    own = ids.merge(evidence, on="id")
    wide = ids.assign(region=ids["id"].map(region)).dropna(subset="region")
    wide = wide.merge(evidence.assign(region=evidence["id"].map(region)).dropna(subset="region"), on="region")
    best = pd.concat([own, wide.assign(rank=wide["rank"] + 10)]).sort_values(["rank", "account_id", "text"])
    best = best.drop_duplicates("number").set_index("number")
    joined = events.join(best[["account_id", "kind", "text"]])
    joined["evidence"] = joined.pop("kind").fillna(otherwise[0])
    joined["text"] = joined["text"].fillna(otherwise[1])
    return joined.assign(account_id=joined["account_id"].astype(object).where(joined["account_id"].notna(), None))


def _regions(rows: pd.DataFrame) -> dict[str, int]:
    """Ids that exchanged accounts share a region."""
    ways = rows[["before_id", "customer_id"]].dropna().drop_duplicates()
    ids, codes = np.unique(ways.to_numpy(str), return_inverse=True)
    ends = codes.reshape(-1, 2).astype(np.int64)
    return dict(zip(ids.tolist(), component_labels(ends[:, 0], ends[:, 1], len(ids)).tolist(), strict=True))
