"""Every installed package has a licence that lets us hand the product on; what a package does not say stands here."""

import re
import sysconfig
from importlib import metadata

ALLOWED = {  # permissive, and weak copyleft that ends at the file (MPL) or at the package that is used as it is (EPL)
    "MIT", "MIT-0", "MIT-CMU", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "PSF-2.0", "MPL-2.0",
    "EPL-2.0", "Zlib", "CC0-1.0", "Unlicense", "Artistic-1.0",
}  # fmt: skip
NAMES = {  # how packages say it -> its name in the SPDX list
    "MIT License": "MIT",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "DFSG approved": "",
    "Artistic License": "Artistic-1.0",
    "GNU General Public License (GPL)": "GPL-2.0-or-later",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
}
UNSAID = {"skops": "MIT", "huey": "MIT", "openlineage_sql": "Apache-2.0"}  # by their files of licence
OFFERED = {"text-unidecode": {"Artistic-1.0"}}  # several licences to choose from: the one that we take
APART = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}  # of an optional group, as it is, exchangeable
CLASSIFIER = "License :: OSI Approved :: "


def licences(package: metadata.Distribution) -> set[str]:
    """The licences under which a package comes; where one may choose, those that are allowed."""
    said = package.metadata
    name = said["Name"]
    if name in OFFERED:
        return OFFERED[name]
    if expression := said.get("License-Expression"):
        return _least(expression)
    classified = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    found = [one for one in classified if one != "OSI Approved"] or [(said.get("License") or "").split("\n")[0]]
    named = {name for one in found if one for name in _least(NAMES.get(one, one))} - {""}
    return named or {UNSAID.get(name, "nothing said")}


def _least(expression: str) -> set[str]:
    """Of an SPDX expression what binds us: of several to choose from, that which asks for the least."""
    parts = [set(re.split(r" AND ", choice.strip("() "))) for choice in expression.split(" OR ")]
    return min(parts, key=lambda names: len(names - ALLOWED))


def test_every_package_may_be_handed_on():
    installed = metadata.distributions(path=[sysconfig.get_paths()["purelib"]])  # not what setuptools keeps inside
    refused = {
        package.metadata["Name"]: sorted(of - ALLOWED) for package in installed if (of := licences(package)) - ALLOWED
    }
    assert {name: said for name, said in refused.items() if said != [APART.get(name)]} == {}


def test_a_licence_that_asks_for_more_is_refused():
    class Package:
        metadata = metadata.Distribution.from_name("pytest").metadata

    copyleft = type("Copyleft", (), {"metadata": _Said(Name="x", Classifier=[CLASSIFIER + "GNU AGPL v3"])})()
    silent = type("Silent", (), {"metadata": _Said(Name="x")})()
    assert licences(Package()) <= ALLOWED
    assert licences(copyleft) - ALLOWED == {"GNU AGPL v3"}
    assert licences(silent) - ALLOWED == {"nothing said"}


class _Said(dict):
    def __init__(self, **said: object) -> None:
        super().__init__({name.replace("_", "-"): value for name, value in said.items()})

    def get_all(self, name: str) -> object:
        return self.get(name)


def test_every_package_is_locked_with_the_hashes_of_its_files():
    from tests.test_house import ROOT

    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip())
    assert len(entries) > 200
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert [entry for entry in entries if "://" in entry] == []
