"""A company of a few dozen accounts in two channels, by a layer of its own: whole nights another way take minutes."""

from datetime import date, timedelta
from pathlib import Path

DAY = date(2024, 3, 1)
GIVEN = ["Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Gina", "Hugo", "Irma", "Jonas", "Klara", "Leo"]
SURNAMES = ["Albrecht", "Brunner", "Caduff", "Derungs", "Egger", "Fontana", "Gasser", "Huber"]
PEOPLE = 32
IN_THE_SHOP = 12  # people who also have an account in the web shop, the surname with a slip

ACCOUNTS = """
export: {channel}_accounts
channel: {channel}
files: "{channel}_accounts_*.csv"
format: csv
columns:
  id: {{}}
  given: {{personal: true, purpose: identity}}
  surname: {{personal: true, purpose: identity}}
  born: {{personal: true, purpose: identity}}
  mail: {{personal: true, purpose: identity}}
account: {{key: id}}
targets:
  - table: silver.customers
    columns:
      given_name: "clean(given)"
      surname: "clean(surname)"
      birth_date: "to_date(born, 'yyyy-MM-dd')"
      email: "clean(mail)"
"""
SALES = """
export: {channel}_sales
channel: {channel}
files: "{channel}_sales_*.csv"
format: csv
columns: {{receipt: {{}}, customer: {{}}, item: {{}}, day: {{}}, pieces: {{}}, amount: {{}}}}
account: {{key: customer}}
targets:
  - table: silver.orders
    group_by: [receipt]
    columns:
      order_id: "concat('{channel}:', receipt)"
      ordered_at: "min(try_to_timestamp(day, 'yyyy-MM-dd'))"
      total_cents: "sum(cents(amount))"
  - table: silver.order_lines
    columns:
      order_id: "concat('{channel}:', receipt)"
      ordered_at: "try_to_timestamp(day, 'yyyy-MM-dd')"
      product_id: item
      quantity: "number(pieces)"
      sales_cents: "cents(amount)"
"""


def write(folder: Path) -> tuple[Path, Path]:
    """Write the layer and the first delivery; returns both folders."""
    layer, drop = folder / "company", folder / "drop"
    (layer / "exports").mkdir(parents=True)
    (drop / str(DAY)).mkdir(parents=True)
    for channel, numbers in (("kiosk", range(PEOPLE)), ("shop", range(IN_THE_SHOP))):
        (layer / "exports" / f"{channel}_accounts.yaml").write_text(ACCOUNTS.format(channel=channel))
        (layer / "exports" / f"{channel}_sales.yaml").write_text(SALES.format(channel=channel))
        (drop / str(DAY) / f"{channel}_accounts_1.csv").write_text(accounts(channel, numbers))
        (drop / str(DAY) / f"{channel}_sales_1.csv").write_text(sales(channel, numbers))
    return layer, drop


def accounts(channel: str, numbers: range) -> str:
    """One line per account; in the shop the surname's last letter is missing."""
    lines = ["id,given,surname,born,mail"]
    for n in numbers:
        surname = SURNAMES[n % len(SURNAMES)][: -1 if channel == "shop" else None]
        born = date(1960, 1, 1) + timedelta(days=397 * n)
        lines.append(f"{channel[0]}{n},{GIVEN[n % len(GIVEN)]},{surname},{born},p{n}@example.com")
    return "\n".join(lines) + "\n"


def sales(channel: str, numbers: range) -> str:
    """Up to nine receipts of two lines for each account over four months, and one line that cannot be used."""
    lines = ["receipt,customer,item,day,pieces,amount"]
    for n in numbers:
        for visit in range(1 + n % 9):
            day = DAY - timedelta(days=120 - (visit * (7 + n % 5) + n % 11))
            head = f"{channel[0]}{n}-{visit},{channel[0]}{n}"
            items = (n % 7, (n + visit) % 7 + 7)
            lines += [f"{head},i{item},{day},{1 + item % 3},{2.5 + item:.2f}" for item in items]
    return "\n".join([*lines, "unreadable"]) + "\n"
