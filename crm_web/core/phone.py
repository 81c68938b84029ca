"""Telephone numbers: what identifies a person, what is shown, and never a crash on what people type.

Three forms, which must not be mixed up. The provider's own digits are what messages are sent to and are
kept as they came. The identity key says whether two spellings are one person; nothing is ever sent to a
key. E.164 and its pretty form are for people to read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

MAX_LENGTH = 64
MAX_DIGITS = 17  # E.164 has 15; two more allow for the trunk digits that people write into the middle
NBSP = "\u00a0"

_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_EXTENSION = re.compile(r"(?:[;#].*|(?:ext\.?|x)\s*\d*\s*)$", re.IGNORECASE | re.DOTALL)
_LONG_RUN = re.compile(r"\d{7,}")

# Mexico dropped the mobile 1 (and the trunk 01, 044, 045) in 2019, but wa_ids keep it.
_MEXICO = re.compile(r"52(?:0?1|044|045)?([2-9]\d{9})")
# Brazil gave mobiles a ninth digit, a 9 in front; wa_ids of older accounts lack it. Eight digits that start
# with 2 to 5 are landlines and get none.
_BRAZIL = re.compile(r"550*([1-9]{2})(?:9?([6-9]\d{7})|(9\d{8}|[2-5]\d{7}))")
# Argentina marks a mobile by 9 before the area code when called from abroad, by 15 after it at home. The ten
# digits without either are already unique.
_ARGENTINA = re.compile(r"540*(9?)0*((?:11|[23]\d)\d{8})")
_ARGENTINA_15 = re.compile(r"540*9?0*(?:(11)15(\d{8})|([23]\d\d)15(\d{7})|([23]\d{3})15(\d{6}))")


def is_bsuid(raw: str) -> bool:
    """Whether this is a business-scoped user id (`CO.` and letters or digits), which holds digits but is no
    number.
    """
    return _BSUID.fullmatch(raw.strip()) is not None


def digits_of(raw: str | None) -> str:
    """The digits as written, without punctuation and extension; empty for anything that is not a number."""
    if not raw or len(raw) > MAX_LENGTH:
        return ""
    text = _EXTENSION.sub("", raw.strip().removeprefix("tel:")).replace("(0)", "")
    if any(letter.isalpha() for letter in text):
        return ""
    found = "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())
    return found if len(found) <= MAX_DIGITS else ""


def identity_key(raw: str | None) -> str:
    """Digits that are equal for all international spellings of one person's number; empty when it is not one.

    A national spelling has no country in it: pass it through `to_e164` with the tenant's region first.
    """
    return _folded(digits_of(raw).lstrip("0"))[0]


def _folded(digits: str) -> tuple[str, str]:
    """The identity key, and the digits one would dial today."""
    if match := _MEXICO.fullmatch(digits):
        return ("52" + match[1],) * 2
    if match := _BRAZIL.fullmatch(digits):
        return ("55" + match[1] + (match[3] or "9" + match[2]),) * 2
    if match := _ARGENTINA_15.fullmatch(digits):
        national = "".join(filter(None, match.groups()))
        return "54" + national, "549" + national
    if match := _ARGENTINA.fullmatch(digits):
        return "54" + match[2], "54" + match[1] + match[2]
    return digits, digits


def to_e164(raw: str | None, region: str | None = None) -> str | None:
    """`+` and digits for showing, or None. `region` (`"CO"`) reads national spellings, which must then be
    valid.
    """
    digits = digits_of(raw)
    if not raw or not digits:
        return None
    if raw.lstrip().removeprefix("tel:").startswith("+") or digits.startswith("00"):
        return _e164(_dialled(digits.lstrip("0")), _possible)
    if region:
        return _national(digits, region) or _e164(_dialled(digits), _valid)
    found = _e164(_dialled(digits), _possible)
    return found if found == "+" + _folded(digits)[1] else None


def _national(digits: str, region: str) -> str | None:
    """As dialled at home; then with the country in front, which adds the marks that old spellings of
    mobiles lack.
    """
    country = str(phonenumbers.country_code_for_region(region))
    plain = _e164(_parsed(digits, region), _valid) or _e164(_dialled(country + digits), _valid)
    return "+" + _folded(plain[1:])[1] if plain else None


def _dialled(digits: str) -> PhoneNumber | None:
    return _parsed("+" + _folded(digits)[1])


def _parsed(text: str, region: str | None = None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _e164(number: PhoneNumber | None, accepted: Callable[[PhoneNumber], bool]) -> str | None:
    if number is None or not accepted(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _valid(number: PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(number)


def _possible(number: PhoneNumber) -> bool:
    """Length only: numbering plans change faster than metadata, and a provider's number is real in any
    case.
    """
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


@lru_cache(maxsize=16384)
def pretty(e164: str) -> str:
    """`+57 310 555 0142`, with spaces that do not break across lines. What is not a number comes back as it
    is.
    """
    number = _parsed(e164) if e164.startswith("+") else None
    if number is None:
        return e164
    words = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
    return _LONG_RUN.sub(_grouped, words).replace(" ", NBSP)


def _grouped(run: re.Match[str]) -> str:
    """Seven digits and more are read aloud in parts: 3 4, 4 4, 3 3 3, then threes with a four at the end."""
    digits = run[0]
    head = {0: 3, 1: 3, 2: 4}[len(digits) % 3] if len(digits) != 10 else 3
    parts = [digits[:head]]
    rest = digits[head:]
    while len(rest) > 4:
        parts.append(rest[:3])
        rest = rest[3:]
    return " ".join([*parts, rest])
