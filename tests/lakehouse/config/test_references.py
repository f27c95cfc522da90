"""A name that a YAML gives and nothing defines is refused with its line and the nearest name that is defined."""

from pathlib import Path

import pytest

from lakehouse.config.documents import packaged, shown
from lakehouse.config.layers import Conf
from lakehouse.config.references import refers
from lakehouse.errors import ConfigError
from lakehouse.runs import graph, references
from lakehouse.runs.plan import settings_of
from lakehouse.runs.references import texts_of
from lakehouse.runs.settings_models import model_of, subjects

SHOP = """export: shop_people
channel: shop
files: people_*.csv
format: csv
columns: {id: {}, agreed: {}, kind: {}}
account: {key: id}
targets:
  - table: silver.consents
    columns: {purpose: PURPOSE, is_granted: agreed = 'y'}
"""


def layer(folder: Path, purpose: str = "'letters'", **subjects: str) -> Conf:
    """A company with one shop and what its layer says of some subjects."""
    (folder / "exports").mkdir()
    (folder / "exports" / "shop_people.yaml").write_text(SHOP.replace("PURPOSE", f'"{purpose}"'))
    for name, text in subjects.items():
        (folder / f"{name}.yaml").write_text(f"# a comment\n{text}\n")
    return Conf([folder])


def found(conf: Conf, subject: str) -> list[tuple[str, bool]]:
    """Sentences, and whether each is a warning."""
    return [(finding.line(), finding.is_warning) for finding in references.undefined(conf, subject)]


@pytest.mark.parametrize(
    ("subject", "text", "words"),
    [
        ("audiences", "audiences: {win_back: {in_segments: [champion]}}", "did you mean 'champions'?"),
        (
            "audiences",
            "audiences: {win_back: {channels: [emial]}}",
            "no contact channel 'emial'. did you mean 'email'?",
        ),
        ("audiences", "audiences: {win_back: {purpose: marketting}}", "did you mean 'marketing'?"),
        ("triggers", "triggers: {became_loyal: {not_in: [winback]}}", "did you mean 'win_back'?"),
        ("contact_policy", "suppressed_by: [leters]", "there is no purpose 'leters'. did you mean 'letters'?"),
        ("recommendations", "consent: {excluded_segments: [win-back]}", "did you mean 'win_back'?"),
        ("recommendations", "consent: {excluded_tags: [frequent]}", "did you mean 'frequent_buyer'?"),
        ("recommendations", "consent: {refusals_of: [calls]}", "there is no purpose 'calls'. did you mean 'letters'?"),
        ("long_tail_customers", "purposes: [marketing]", "there is no purpose 'marketing'. did you mean 'letters'?"),
        ("long_tail_customers", "modes: {email: {channels: [shopp]}}", "there is no channel 'shopp'"),
        ("behaviour_clusters", "online_channels: [web]", "there is no channel 'web'. did you mean 'shop'?"),
        ("golden_customers", "verified: {email: [sop]}", "there is no channel 'sop'. did you mean 'shop'?"),
        ("golden_customers", "trust: {channels: {erp: 0.9}}", "there is no channel 'erp'. did you mean 'shop'?"),
        ("identity", "evidence: {exclusive_channels: [till]}", "there is no channel 'till'. did you mean 'shop'?"),
        ("cross_sell", "level: brand", "there is no level 'brand'. did you mean 'product_category'?"),
    ],
)
def test_a_name_that_nothing_defines_is_refused_with_line_and_nearest(tmp_path, subject, text, words):
    sentences = found(layer(tmp_path, **{subject: text}), subject)
    (of_layer,) = [(line, is_warning) for line, is_warning in sentences if shown(tmp_path) in line]
    assert f"{subject}.yaml:2: " in of_layer[0]
    assert words in of_layer[0]
    assert not of_layer[1]


def test_a_default_of_the_product_that_fits_no_export_is_a_warning(tmp_path):
    sentences = found(layer(tmp_path), "contact_policy")
    assert all(is_warning for _, is_warning in sentences)
    assert any("there is no purpose 'marketing'. did you mean 'letters'?" in sentence for sentence, _ in sentences)


def test_a_default_beside_one_that_fits_says_nothing(tmp_path):
    conf = layer(tmp_path, purpose="'marketing_email'")
    assert found(conf, "recommendations") == []  # refusals of profiling are of no consent, those of marketing are


def test_a_default_says_nothing_to_a_company_without_consents(tmp_path):
    conf = layer(tmp_path, purpose="'letters'")
    (tmp_path / "exports" / "shop_people.yaml").write_text(SHOP.split("targets:", maxsplit=1)[0] + "targets: []\n")
    assert found(conf, "contact_policy") == []


def test_the_nights_report_says_which_defaults_fit_nothing(tmp_path):
    notes = references.notes(layer(tmp_path), "contact_policy")
    assert any("there is no purpose 'marketing'; did you mean 'letters'?" in note for note in notes)


def test_only_subjects_that_refer_to_others_are_looked_through():
    refer = {name for name in subjects() if refers(model_of(name))}
    assert refer == {
        "audiences",
        "behaviour_clusters",
        "contact_policy",
        "cross_sell",
        "destinations",
        "experiments",
        "golden_customers",
        "identity",
        "long_tail_customers",
        "offers",
        "recommendations",
        "triggers",
    }


def test_what_an_expression_gives_may_be_any_name(tmp_path):
    conf = layer(tmp_path, purpose="lower(kind)", contact_policy="suppressed_by: [letters]")
    ((sentence, is_warning),) = [one for one in found(conf, "contact_policy") if "contact_policy.yaml:2" in one[0]]
    assert is_warning
    assert "unless an expression of an export gives it" in sentence


def test_without_any_export_channels_and_purposes_cannot_be_known():
    assert not any(found(Conf(), subject) for subject in subjects())


def test_names_of_the_sample_company_are_all_defined():
    conf = Conf([packaged("conf") / "sample"])
    assert [line for subject in subjects() for line in found(conf, subject)] == []


def test_products_stand_in_for_a_level_that_they_do_not_say(tmp_path):
    conf = layer(tmp_path, basket_rules="levels: [product_id]")
    assert found(conf, "cross_sell") == []


def test_a_night_does_not_begin_with_such_a_name(tmp_path):
    job = subjects()["audiences"][0]
    with pytest.raises(ConfigError, match="there is no segment 'vips'"):
        settings_of(job, layer(tmp_path, audiences="audiences: {win_back: {in_segments: [vips]}}"))


@pytest.mark.parametrize(
    ("sql", "names", "is_whole"),
    [
        ("'a'", {"a"}, True),
        ("CASE WHEN x = 'q' THEN 'a' WHEN y THEN NULL ELSE ('b') END", {"a", "b"}, True),
        ("coalesce(if(x, 'a', 'b'), 'c')", {"a", "b", "c"}, True),
        ("CASE WHEN x THEN 'a' ELSE kind END", {"a"}, False),
        ("concat('a', kind)", set(), False),
        ("this is no SQL (", set(), False),
    ],
)
def test_texts_that_an_expression_can_give(sql, names, is_whole):
    known = texts_of(sql)
    assert (known.names, known.is_whole) == (names, is_whole)


def test_every_subject_has_one_model_and_no_model_is_left_over():
    files = {path.stem for path in graph.FOLDER.glob("*/settings/*.py")} - {"__init__", "levels"}
    assert files == set(subjects())
