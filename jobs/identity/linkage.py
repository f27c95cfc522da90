"""Train the match model and score pairs with Splink, on either lane.

Tables of the lane: `cleaned` (from cleaning.records), `records` (with term frequencies and blocking keys).
"""

import json
from typing import Any

import numpy as np

from jobs.identity import comparisons
from jobs.identity.cleaning import FIELDS, PARTS
from jobs.identity.lanes import Lane
from jobs.identity.settings import Settings
from jobs.identity.training import Floats, Parameters, Patterns, train, u_of

# the same order on both lanes, whatever the order of rows: md5 is the hash that both have under one name
SHUFFLED = "md5(concat(account_id, '|linkage')), account_id"
CHANNELS = "concat(least(channel_l, channel_r), '|', greatest(channel_l, channel_r))"


def prepare(lane: Lane, conf: Settings) -> None:
    """Make `records` (usable accounts with term frequencies) and `keys` (their blocking keys but too common ones)."""
    lane.make("usable", "SELECT * FROM cleaned WHERE record_hash IS NOT NULL")
    columns = ["u.account_id", "u.channel", *[f"u.{name}" for name in (*FIELDS, *PARTS)]]
    joins = []
    for field in comparisons.TERM_FREQUENCIES:
        columns.append(f"t_{field}.share AS tf_{field}")
        joins.append(
            f"LEFT JOIN (SELECT {field}, CAST(count(*) AS DOUBLE) / sum(count(*)) OVER () AS share FROM usable "
            f"WHERE {field} IS NOT NULL GROUP BY {field}) t_{field} ON u.{field} = t_{field}.{field}"
        )
    lane.make("records", f"SELECT {', '.join(columns)} FROM usable u {' '.join(joins)}")
    lane.make("every_key", " UNION ALL ".join(_block_keys(conf)))
    fits = f"count(*) BETWEEN 2 AND {conf.blocking.largest_block}"
    shared = f"SELECT rule, block FROM every_key GROUP BY rule, block HAVING {fits}"
    lane.make("keys", f"SELECT k.* FROM every_key k JOIN ({shared}) s ON k.rule = s.rule AND k.block = s.block")


def _block_keys(conf: Settings) -> list[str]:
    """`[family, "given:2"]` as SQL: account_id, rule, block; the parts joined, no row when one is missing."""
    selects = []
    for rule, parts in enumerate(conf.blocking.keys):
        texts, conditions = [], []
        for part in parts:
            field, _, length = part.partition(":")
            texts.append(f"substr({field}, 1, {int(length)})" if length else field)
            conditions.append(f"{field} IS NOT NULL" + (f" AND length({field}) >= {int(length)}" if length else ""))
        text = texts[0] if len(texts) == 1 else f"concat({', '.join(_joined(texts))})"
        chosen = " AND ".join(conditions)
        selects.append(f"SELECT account_id, {rule} AS rule, {text} AS block FROM usable WHERE {chosen}")
    return selects


def candidates(lane: Lane, table: str, only_new: bool) -> None:
    """Make `table`: the pairs to compare, once each, with the first key that they share.

    Args:
        only_new: the accounts of the lane's table `changed` with all, instead of all with all.
    """
    left = "(SELECT k.* FROM keys k JOIN changed c ON k.account_id = c.account_id)" if only_new else "keys"
    # both ways round where one side is only the new accounts; `least` makes them one
    apart = "l.account_id <> r.account_id" if only_new else "l.account_id < r.account_id"
    lane.make(table, f"""
        SELECT CAST(min(rule) AS STRING) AS match_key, join_key_l, join_key_r FROM (
            SELECT l.rule, least(l.account_id, r.account_id) AS join_key_l,
                   greatest(l.account_id, r.account_id) AS join_key_r
            FROM {left} l JOIN keys r ON l.rule = r.rule AND l.block = r.block AND {apart}) met
        GROUP BY join_key_l, join_key_r""")  # fmt: skip


def _joined(texts: list[str]) -> list[str]:
    return [piece for i, text in enumerate(texts) for piece in ((text,) if i == 0 else ("'|'", text))]


def trained_model(lane: Lane, conf: Settings) -> dict[str, Any]:
    """Splink settings with parameters learned from the lane's records; samples are drawn by the account's hash."""
    form = comparisons.settings()
    levels = [_level_count(c) for c in form["comparisons"]]
    few, many = conf.training.random_sample_records, conf.training.largest_sample_records
    lane.make("learning", f"SELECT account_id, channel FROM records ORDER BY {SHUFFLED} LIMIT {many}")
    lane.make("strangers", f"SELECT account_id FROM learning ORDER BY {SHUFFLED} LIMIT {few}")
    lane.make("stranger_pairs", "SELECT '0' AS match_key, l.account_id AS join_key_l, r.account_id AS join_key_r "
              "FROM strangers l JOIN strangers r ON l.account_id < r.account_id")  # fmt: skip
    candidates(lane, "all_candidates", only_new=False)
    lane.make("candidate_pairs", "SELECT p.* FROM all_candidates p JOIN learning l ON p.join_key_l = l.account_id "
              "JOIN learning r ON p.join_key_r = r.account_id")  # fmt: skip
    found_channels = lane.fetch("SELECT DISTINCT channel FROM learning ORDER BY channel").to_pylist()
    channels = [row["channel"] for row in found_channels]
    names = [f"{a}|{b}" for i, a in enumerate(channels) for b in channels[i:]]
    u = u_of(_patterns(lane, form, "stranger_pairs", names), levels)
    with_u = with_parameters(form, Parameters(u, u, np.zeros(len(names))), names, None)
    fields = [c["output_column_name"] for c in form["comparisons"]]
    sessions = [tuple(fields.index(name) for name in group) for group in conf.training.agreeing_fields]
    possible = _possible(lane, names)
    found = train(_patterns(lane, with_u, "candidate_pairs", names), u, sessions, possible, conf.training.iterations)
    return with_parameters(form, found, names, possible)


def _level_count(comparison: dict[str, Any]) -> int:
    return sum(not level.get("is_null_level") for level in comparison["comparison_levels"])


def _patterns(lane: Lane, model: dict[str, Any], table: str, names: list[str]) -> Patterns:
    # the levels of agreement, which Splink gives only together with the values: they stay in the lane
    scored = _predicted(lane, {**model, "retain_matching_columns": True}, table, None)
    fields = [c["output_column_name"] for c in model["comparisons"]]
    shifts = [f"coalesce(mw_tf_adj_{f}, 0)" for f in fields if f in comparisons.TERM_FREQUENCIES]
    keys = [f"gamma_{f}" for f in fields]
    rows = lane.fetch(
        f"SELECT {', '.join(keys)}, {CHANNELS} AS channels, CAST(round({' + '.join(shifts)}) AS INT) AS tf_bits, "
        f"count(*) AS pairs FROM {scored} GROUP BY ALL"
    ).to_pandas()
    rows = rows.sort_values([*keys, "channels", "tf_bits"])  # sums in one order: the same parameters every time
    code = {name: i for i, name in enumerate(names)}
    return Patterns(
        rows[keys].to_numpy(np.int64),
        rows["channels"].map(code).to_numpy(np.int64),
        rows["tf_bits"].to_numpy(np.float64),
        rows["pairs"].to_numpy(np.float64),
    )


def _possible(lane: Lane, names: list[str]) -> Floats:
    counts = {
        row["channel"]: float(row["n"])
        for row in lane.fetch("SELECT channel, count(*) AS n FROM learning GROUP BY channel").to_pylist()
    }
    both = [name.split("|") for name in names]
    return np.array([max(counts[a] * counts[b] if a != b else counts[a] * (counts[a] - 1) / 2, 1.0) for a, b in both])


def with_parameters(
    form: dict[str, Any], found: Parameters, names: list[str], possible: Floats | None
) -> dict[str, Any]:
    """Write m and u into the settings; the priors of channel pairs become one more comparison."""
    model: dict[str, Any] = json.loads(json.dumps(form))
    for comparison, m, u in zip(model["comparisons"], found.m, found.u, strict=True):
        known = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for level, m_share, u_share in zip(known, m[::-1], u[::-1], strict=True):
            level |= {"m_probability": float(m_share), "u_probability": float(u_share)}
    model["probability_two_random_records_match"] = 1e-4
    if possible is not None:
        model["probability_two_random_records_match"] = float(found.matches.sum() / possible.sum())
        shares = found.matches / found.matches.sum(), possible / possible.sum()
        model["comparisons"].append(_channel_pairs(*shares, names))
    return model


def _channel_pairs(m: Floats, u: Floats, names: list[str]) -> dict[str, Any]:
    """Channel pairs of about the same prior (whole bits) share a level."""
    bits = np.round(np.log2(np.maximum(m, 1e-12) / u)).astype(int)
    unknown = {"sql_condition": "channel_l is null or channel_r is null", "label_for_charts": "not known"}
    levels: list[dict[str, Any]] = [{**unknown, "is_null_level": True}]
    for value in sorted(set(bits.tolist())):
        among = [name for name, bit in zip(names, bits, strict=True) if bit == value]
        quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in among)
        chosen = bits == value
        levels.append({
            "sql_condition": f"{CHANNELS} in ({quoted})", "label_for_charts": ", ".join(among),
            "m_probability": float(max(m[chosen].sum(), 1e-12)), "u_probability": float(u[chosen].sum()),
        })  # fmt: skip
    # a pair of channels that training has not seen is like the average
    even = {"m_probability": 0.01, "u_probability": 0.01}
    levels.append({"sql_condition": "ELSE", "label_for_charts": "new pair of channels", **even})
    return {"output_column_name": "channels", "comparison_levels": levels}


def score(lane: Lane, model: dict[str, Any], keep_weight_bits: float, only_new: bool) -> None:
    """Make `scored`: pairs with match_weight (bits) of at least `keep_weight_bits`.

    Args:
        only_new: compare the accounts of the lane's table `changed` with all, instead of all with all.
    """
    candidates(lane, "tonight", only_new)
    lean = {**model, "retain_intermediate_calculation_columns": False}
    scored = _predicted(lane, lean, "tonight", keep_weight_bits)
    lane.make("scored", "SELECT account_id_l AS account_id_left, account_id_r AS account_id_right, match_weight, "
              f"match_probability, CAST(match_key AS INT) AS match_key FROM {scored}")  # fmt: skip


def _predicted(lane: Lane, model: dict[str, Any], pairs: str, threshold: float | None) -> str:
    """Score given pairs of `records` with Splink; the name of the resulting table."""
    from splink import Linker

    api = lane.splink()
    linker = Linker(api.register("records"), model, log_level=None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    name: str = linker.inference.predict(threshold_match_weight=threshold, warning_mode="never").physical_name
    return name
