"""What `new-export` makes of lists of people: who has left, who has taken consent back, whose name a guest's is."""

from tests.lakehouse.authoring.test_new_export_kinds import tried

PEOPLE = [
    ("Ada", "Keller"),
    ("Ben", "Okafor"),
    ("Carla", "Rossi"),
    ("Dan", "Nguyen"),
    ("Eva", "Novak"),
    ("Finn", "Moe"),
]


def listed(head: str, *columns: list[str]) -> list[str]:
    rows = zip(*columns, strict=True)
    return [head, *(f"C{at},{','.join(row)}" for at, row in enumerate(rows))]


GIVEN, SURNAMES = ([names[at] for names in PEOPLE] for at in (0, 1))
MAILS = [f"{given}@example.com".lower() for given in GIVEN]


def test_a_status_of_people_that_nothing_uses_is_asked_for_with_its_values(tmp_path):
    states = ["Active", "Deleted", "Active", "Merged", "Active", "Deleted"]

    made = tried(tmp_path, listed("Contact ID,First name,Last name,Email,Status", GIVEN, SURNAMES, MAILS, states))

    asked = " ".join(made.made.notes.asked)
    assert "Status" in asked
    assert "Deleted" in asked
    assert "deleted:" in asked


def test_consent_that_was_taken_back_is_none_and_one_given_anew_later_is(tmp_path):
    given = ["2024-01-01", "2024-01-02", "2024-05-03", "", "2024-01-05", "2024-01-06"]
    taken_back = ["", "2024-02-02", "2024-02-03", "2024-02-04", "", ""]
    head = "Contact ID,First name,Last name,Email,Consent Date,Consent Withdrawn On"

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, given, taken_back))

    consents = made.rows("consents").set_index("account_id")["is_granted"].astype(bool)
    assert list(consents.sort_index()) == [True, False, True, False, True, True]


def test_who_must_not_be_contacted_has_not_consented_whatever_the_newsletter_says(tmp_path):
    head = "Contact ID,First name,Last name,Email,Newsletter,Do Not Contact"
    wanted, refused = ["Yes", "Yes", "No", "", "Yes", "No"], ["FALSE", "TRUE", "FALSE", "TRUE", "FALSE", "TRUE"]

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, wanted, refused))

    consents = made.rows("consents").set_index("account_id")["is_granted"].astype(bool)
    assert list(consents.sort_index()) == [True, False, False, False, True, False]


def test_a_column_called_guest_with_names_of_people_is_their_name(tmp_path):
    names = [f"{given} {surname}" for given, surname in PEOPLE]

    made = tried(tmp_path, listed("Guest No,Guest,E-mail", names, MAILS))

    assert list(made.rows("customers")["full_name"]) == names


def test_the_permission_to_mail_says_who_agreed_and_not_whether_an_address_is_active(tmp_path):
    state = ["Active", "Active", "Unsubscribed", "Active", "Active", "Active"]
    permission = ["Express", "Express", "Unsubscribed", "Awaiting confirmation", "Implied", "Express"]
    head = "Contact ID,First name,Last name,Email address,Email status,Email permission status"

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, state, permission))

    granted = made.rows("consents")["is_granted"].dropna().astype(bool)
    assert list(granted) == [True, True, False, False, True]
    assert made.asks("Implied")


def test_a_second_answer_about_marketing_that_says_otherwise_is_asked_for(tmp_path):
    head = "Contact ID,First name,Last name,Email,Newsletter,Offers consent"
    newsletter, offers = ["Yes", "Yes", "No", "Yes", "Yes", "No"], ["Yes", "No", "No", "No", "Yes", "No"]

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, newsletter, offers))

    assert made.asks("Offers consent")


def test_days_on_which_addresses_were_activated_and_deactivated_tell_who_agreed(tmp_path):
    activated = ["2024-01-01 10:00:00"] * 4 + ["0000-00-00 00:00:00"] * 2
    deactivated = ["", "2024-02-01 10:00:00", "", "0000-00-00 00:00:00", "", ""]
    head = "Nr,Vorname,Nachname,E-Mail,Aktiviert,Deaktiviert"

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, activated, deactivated), "newsletter.csv")

    granted = made.rows("consents")["is_granted"].astype(bool)
    assert list(granted) == [True, False, True, True, False, False]


def test_words_that_only_subscribers_have_are_answers_whatever_their_column_is_called(tmp_path):
    states = ["Active", "Unsubscribed", "Active", "Unconfirmed", "Bounced", "Active"]
    head = "Nr,First name,Last name,Subscriber,Status,Subscribed"

    made = tried(tmp_path, listed(head, GIVEN, SURNAMES, MAILS, states, ["2024-01-01"] * 6))

    assert list(made.rows("consents")["is_granted"].astype(bool)) == [True, False, True, False, False, True]


def test_orders_under_rounded_numbers_are_of_guests_and_said_to_be(tmp_path):
    cards = ["8.80012E+14", "880012000000001", "8.80012E+14", "880012000000002"]
    rows = [f"{at},2024-03-0{at + 1},{card},{at}.50" for at, card in enumerate(cards)]

    made = tried(tmp_path, ["Order No,Date,Loyalty card,Total", *rows])

    assert made.rows("orders")["account_id"].nunique() == 2
    assert made.asks("Loyalty card")
