"""conf/contracts.lock: what each table promised, so that a breaking change takes a new major version."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lakehouse.config.documents import shown
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract

FILE = "contracts.lock"
REMEDY = "run 'lakehouse contracts --lock'"
Promise = dict[str, Any]


def promise(contract: Contract) -> Promise:
    """What readers and writers of a table rely on: version, key, each column's type and whether it is required."""
    columns = {c.name: c.type.upper() + (" NOT NULL" if c.required else "") for c in contract.columns}
    text = json.dumps([contract.key, columns])  # in order
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"version": contract.version, "signature": digest, "key": list(contract.key), "columns": columns}


def path_of(conf: Conf) -> Path:
    """The lock of the highest layer that has contracts."""
    layer = next((x for x in reversed(conf.layers) if any((x / "contracts").glob("*/*.odcs.yaml"))), conf.layers[0])
    return layer / FILE


def write(conf: Conf, contracts: Mapping[str, Contract]) -> Path:
    """Write the lock for the tables as they are."""
    path = path_of(conf)
    promises = {table: promise(contract) for table, contract in sorted(contracts.items())}
    lines = [f"{json.dumps(table)}: {json.dumps(value, ensure_ascii=False)}" for table, value in promises.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")  # a line per table reads well in a diff
    return path


def read(conf: Conf) -> dict[str, Promise] | None:
    """What was promised, by table; a higher layer's lock wins; None where there is no lock."""
    files = [layer / FILE for layer in conf.layers if (layer / FILE).exists()]
    promises: dict[str, Promise] = {}
    for path in files:
        promises |= json.loads(path.read_text(encoding="utf-8"))
    return promises if files else None


def compare(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> None:
    """Every breaking change needs a new major version; every other one shows as a lock to be written anew."""
    promises = read(conf)
    if promises is None:
        findings.warning(shown(path_of(conf)), "no contract is locked yet", REMEDY)
        return
    for table, old in promises.items():
        contract = contracts.get(table)
        if contract is None:
            what = f"{table} was promised and has no contract now"
            findings.error(shown(path_of(conf)), what, "bring it back, or delete its line in the lock")
        elif broken := breaking(old, promise(contract)):
            _breaking(contract, old, broken, findings)
        elif promise(contract) != old:
            findings.warning(shown(contract.file), f"{table} is newer than its lock", REMEDY)
    for table in contracts.keys() - promises.keys():
        findings.warning(shown(contracts[table].file), f"{table} is not locked", REMEDY)


def _breaking(contract: Contract, old: Promise, broken: list[str], findings: Findings) -> None:
    if _major(contract.version) > _major(old["version"]):
        findings.warning(shown(contract.file), f"{contract.table} has a new major version, not yet locked", REMEDY)
        return
    what = f"{contract.table} breaks its promise of version {old['version']}: {'; '.join(broken)}"
    findings.error(shown(contract.file), what, f"take it back, or make the version {_major(old['version']) + 1}.0.0")


def breaking(old: Promise, new: Promise) -> list[str]:
    """Changes that break a reader or a writer: columns gone or of another type, newly required ones, another key."""
    breaks = []
    for name, of in old["columns"].items():
        now = new["columns"].get(name)
        if now is None:
            breaks.append(f"column {name} is gone")
        elif _type(now) != _type(of):
            breaks.append(f"column {name} was {_type(of)} and is {_type(now)}")
        elif now != of and now.endswith("NOT NULL"):
            breaks.append(f"column {name} is required now")
    added = [n for n, of in new["columns"].items() if n not in old["columns"] and of.endswith("NOT NULL")]
    breaks += [f"new column {name} is required" for name in added]
    if new["key"] != old["key"]:
        breaks.append(f"the key was {', '.join(old['key'])} and is {', '.join(new['key'])}")
    return breaks


def _type(text: str) -> str:
    return text.removesuffix(" NOT NULL")


def _major(version: str) -> int:
    return int(version.split(".", maxsplit=1)[0])
