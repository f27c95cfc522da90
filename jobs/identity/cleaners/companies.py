"""Company names without their legal form."""

from jobs.identity.cleaners import letters
from jobs.identity.cleaners.cleaning_settings import Rules


def company(text: str, rules: Rules) -> str:
    """Letters and digits of a company's name, without Ltd, GmbH, 有限公司 at its end."""
    words = [
        word for part in letters.plain(text).replace(".", "").split() if (word := letters.letters_and_digits(part))
    ]
    while len(words) > 1 and words[-1] in rules.company_forms:
        words = words[:-1]
    whole = "".join(words)
    if letters.has_han(whole):
        form = max((f for f in rules.company_forms if whole.endswith(f) and f != whole), key=len, default="")
        return whole.removesuffix(form)
    return whole
