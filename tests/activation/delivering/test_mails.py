"""Mails over SMTP from templates: each once, sealed, with a way to unsubscribe, or dead with a reason."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.activation.delivering import faults, receipts
from jobs.activation.delivering.mails import template_name
from jobs.activation.occasions.definitions import KINDS, messages
from jobs.activation.settings.destinations import Destination, Smtp
from jobs.activation.settings.templates import Template
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from tests.activation.delivering import certificates, lake_on_disk, post_office
from tests.activation.delivering.handing import Tables, sent
from tests.activation.delivering.lake_on_disk import FROM
from tests.activation.delivering.post_office import OK, PASSWORD, Office

HELLO = """
subject: "{{given_name}}, hello"
text: "Dear {{ given_name }} of {{city}}: {{item}}"
html: "<p>Dear {{given_name}}</p>"
fallbacks: {city: your town, item: ""}
"""
URL = "https://shop.example/u/{key}"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return certificates.made(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def office(sealed: tuple[Path, Any]) -> Iterator[Office]:
    with post_office.opened(sealed[1]) as server:
        yield server


@pytest.fixture
def mailing(lake: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Twenty mails that wait, with a template; the fourth customer has no name, the fifth lives nowhere."""
    (tmp_path / "mine" / "templates").mkdir(parents=True)
    (tmp_path / "mine" / "templates" / "hello.yaml").write_text(HELLO)
    lake.conf = Conf([tmp_path / "mine"], overrides=lake.conf.overrides)
    people = lake.tables["golden_customers"].to_pylist()
    for n, one in enumerate(people):
        one |= {"given_name": None if n == 3 else "<Ann>\nBcc: all@x", "city": None if n == 4 else "Perth"}
    lake.tables["golden_customers"] = pa.Table.from_pylist(people, lake.tables["golden_customers"].schema)
    told = [one | {"content": "hello"} for one in lake.tables["decisions"].to_pylist()]
    lake.tables["decisions"] = pa.Table.from_pylist(told, lake.tables["decisions"].schema)
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    return lake


def mails(office: Office, sealed: tuple[Path, Any], server: Any = None, **changes: Any) -> Destination:
    said = {"host": "localhost", "port": office.port, "ca_file": str(sealed[0]), "sender": "Shop <us@shop.example>"}
    said |= {
        "user": "shop",
        "password": "env:MAIL_PASSWORD",
        "unsubscribe_url": URL,
        "unsubscribe_mail": "off@shop.example",
    }
    smtp = Smtp(**{**said, **(server or {})})
    quick = {"requests_per_second": 1000.0, "timeout_seconds": 5.0, "attempts": 4}
    return Destination(**{"channels": "email", "smtp": smtp, **quick, **changes})


def reasons(lake: Tables, state: str) -> dict[str, str]:
    return {row["customer_id"]: row["reason"] for row in receipts.waiting(lake.root) if row["state"] == state}


def test_each_mail_arrives_once_sealed_and_can_be_unsubscribed(mailing, office, sealed):
    assert sent(mailing, mails(office, sealed)) == {"sent": 19, "dead": 1}
    assert sent(mailing, mails(office, sealed)) == {}
    assert (len(office.mails), set(office.over_tls)) == (19, {True})
    first = office.mails[0]
    key = first["Message-ID"].removeprefix("<").removesuffix("@shop.example>")
    assert key in {row["message_key"] for row in receipts.waiting(mailing.root)}
    assert first["List-Unsubscribe"] == f"<https://shop.example/u/{key}>, <mailto:off@shop.example?subject={key}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (first["To"], first["From"]) == ("c00@x", "Shop <us@shop.example>")


def test_a_value_is_text_in_a_header_and_in_html_whatever_it_holds(mailing, office, sealed):
    sent(mailing, mails(office, sealed))
    first = office.mails[0]
    assert first["Bcc"] is None
    assert first["Subject"] == "<Ann> Bcc: all@x, hello"
    assert "<p>Dear &lt;Ann&gt;" in first.get_body(("html",)).get_content()
    assert "Dear <Ann>" in first.get_body(("plain",)).get_content()


def test_a_field_that_a_customer_lacks_has_its_fallback_or_the_mail_is_dead_with_the_reason(mailing, office, sealed):
    sent(mailing, mails(office, sealed))
    assert reasons(mailing, "dead") == {"c03": "without given_name"}
    assert "of your town:" in next(m for m in office.mails if m["To"] == "c04@x").get_body(("plain",)).get_content()


@pytest.mark.parametrize("mood", ["451 later", "421 closing", "lost"])
def test_a_server_that_fails_at_times_gets_all_of_it_and_no_mail_has_two_names(mailing, office, sealed, mood):
    office.mood = lambda number, to: mood if number % 3 else OK
    assert sent(mailing, mails(office, sealed)) == {"sent": 19, "dead": 1}
    assert len(office.ids) == 19
    assert all(len(ids) == 1 for ids in office.ids.values())


def test_a_mail_that_is_refused_is_dead_one_that_is_deferred_waits_and_the_others_go(mailing, office, sealed):
    answers = {"c07@x": "550 nobody of that name", "c08@x": "450 greylisted"}
    office.mood = lambda number, to: answers.get(to, OK)
    assert sent(mailing, mails(office, sealed)) == {"sent": 17, "dead": 2, "skipped": 1}
    assert reasons(mailing, "dead")["c07"] == "refused with 550"
    assert reasons(mailing, "skipped") == {"c08": "deferred with 450"}
    office.mood = lambda number, to: OK
    assert sent(mailing, mails(office, sealed)) == {"sent": 1}


def test_no_mail_goes_before_its_hour_or_after(mailing, office, sealed):
    assert sent(mailing, mails(office, sealed), at=FROM - timedelta(seconds=1)) == {"not sent: not_yet": 20}
    assert sent(mailing, mails(office, sealed), at=lake_on_disk.UNTIL) == {"not sent: too_late": 20}


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"ca_file": ""}, "certificate is not trusted"),
        ({"user": "other"}, "refuses the login"),
    ],
)
def test_a_server_that_cannot_be_trusted_or_lets_nobody_in_gets_nothing(mailing, office, sealed, server, words):
    with pytest.raises(LakehouseError, match=words):
        sent(mailing, mails(office, sealed, server))
    assert office.mails == []


def test_a_server_without_tls_gets_nothing_unless_it_is_this_machine_and_conf_says_so(mailing, sealed):
    with post_office.opened(None) as plain:
        with pytest.raises(LakehouseError, match="offers no TLS"):
            sent(mailing, mails(plain, sealed))
        assert plain.mails == []
        assert sent(mailing, mails(plain, sealed, {"tls": "none", "user": "", "password": ""})) == {
            "sent": 19,
            "dead": 1,
        }


def test_without_a_server_the_mails_wait(mailing, office, sealed):
    away = mails(office, sealed, {"port": 1}, attempts=2)
    assert sent(mailing, away) == {"waits": 20}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"subject": "{{givn_name}}", "text": "x"}, "there is no field 'givn_name'"),
        ({"subject": "x", "text": "{{points}}"}, "there is no field 'points'"),
        ({"subject": "x\ny", "text": "x"}, "a subject is one line"),
        ({"subject": "x", "text": "x", "fallbacks": {"givn_name": "you"}}, "there is no field 'givn_name'"),
    ],
)
def test_a_template_that_asks_for_what_there_is_not_is_refused(said, words):
    with pytest.raises(ValueError, match=words):
        Template(**said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"unsubscribe_url": "", "unsubscribe_mail": ""}, "a mail needs a way to unsubscribe"),
        ({"unsubscribe_url": "https://x/u"}, "has a place for the key"),
        ({"host": "mail.example", "tls": "none"}, "mails to another machine go over TLS"),
        ({"sender": "Shop\nBcc: all@x"}, "no mail address"),
        ({"password": "open sesame"}, "a secret stands outside of conf"),
    ],
)
def test_a_mail_server_that_cannot_be_is_refused(office, sealed, said, words):
    with pytest.raises(ValueError, match=words):
        mails(office, sealed, said)


@pytest.mark.parametrize(
    ("content", "item", "name"),
    [
        ("hello", None, "hello"),
        ("due: {item}", None, "due"),
        ("due: TEA 5", "TEA 5", "due"),
        ("time for due", "due", "time_for"),
        ("due: due", "due", "due"),
    ],
)
def test_a_template_is_found_by_the_words_of_a_content_without_its_item(content, item, name):
    assert template_name(content, item) == name


def test_a_content_that_no_template_is_for_is_named_where_it_stands_with_the_nearest(tmp_path):
    (tmp_path / "destinations").mkdir()
    (tmp_path / "templates").mkdir()
    server = "smtp: {host: localhost, sender: us@shop.example, unsubscribe_mail: off@shop.example}"
    (tmp_path / "destinations" / "mailing.yaml").write_text(f"channels: [email]\n{server}\n")
    known = {template_name(one.content) for s in KINDS for one in messages(Conf(), s).values()}
    for name in known - {"we_miss_you"} | {"we_mis_you"}:
        (tmp_path / "templates" / f"{name}.yaml").write_text("subject: x\ntext: y\n")

    found = list(faults.all_faults(Conf([tmp_path]), "destinations"))

    assert found
    assert all("there is no template 'we_miss_you'" in one.what and "we_mis_you" in one.remedy for one in found)
    assert list(faults.all_faults(Conf(), "destinations")) == []
