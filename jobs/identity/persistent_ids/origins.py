"""What the columns of a night's identity tables are made of: its matching asks the engine, not the lake."""

from jobs.identity.cleaners.record_fields import USED

NO_RECORD = ("account_id", "channel", "is_lead")  # they say which account it is, not who
RECORD = tuple(f"silver.customers.{name}" for name in USED if name not in NO_RECORD)
ACCOUNT = ("silver.customers.account_id",)
DECIDED = ("identity.steward_decisions.decision",)
GROUPED = (*RECORD, *DECIDED)
PERSON = (*ACCOUNT, *GROUPED)  # an id is a hash of the founding account, kept while the group stays
EVENT = {
    "run_date": (),
    "event": GROUPED,
    "customer_id": PERSON,
    "other_customer_id": PERSON,
    "from_customer_id": PERSON,
    "to_customer_id": PERSON,
    "account_id": ACCOUNT,
    "account_count": PERSON,
}
LINEAGE: dict[str, dict[str, tuple[str, ...]]] = {
    "identity.customer_map": {
        "account_id": ACCOUNT,
        "channel": ("silver.customers.channel",),
        "customer_id": PERSON,
        "is_lead": ("silver.customers.is_lead",),
        "arrived_on": (),
        "_run_date": (),
        "*": GROUPED,
    },
    "identity.match_pairs": {
        "account_id_left": ACCOUNT,
        "account_id_right": ACCOUNT,
        "model": ("identity.linkage_models.trained_on",),
        "*": GROUPED,
    },
    "identity.customer_id_ledger": {
        **{name: EVENT[name] for name in EVENT if not name.startswith(("from", "to"))},
        "reason": GROUPED,
        "evidence": GROUPED,
    },
    "identity.account_moves": {
        **{name: EVENT[name] for name in ("account_id", "run_date", "from_customer_id", "to_customer_id", "event")},
        "fingerprint": RECORD,
    },
    "identity.linkage_models": {
        "trained_on": (),
        "job_hash": (),
        "lane": (),
        "record_count": ACCOUNT,
        "model": RECORD,
    },
    "identity.review_queue": {
        "account_id_left": ACCOUNT,
        "account_id_right": ACCOUNT,
        "customer_id_left": PERSON,
        "customer_id_right": PERSON,
        "value_cents": (*PERSON, "silver.orders.total_cents"),
        "priority": (*PERSON, "silver.orders.total_cents"),
        "since": (),
        "*": GROUPED,
    },
    "identity.pending_model_changes": {
        "model": ("identity.linkage_models.trained_on",),
        "listed_on": (),
        "*": PERSON,
    },
    "identity.comparisons": {"run_date": (), "*": RECORD},
}
