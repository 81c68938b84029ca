"""The customers: who they are to the network, and to each business.

A person is found by `key`: the folded telephone number, or the user id of somebody who never showed a number.
"""

import hashlib
from dataclasses import dataclass

COUNTRIES = {
    "1": "US", "34": "ES", "51": "PE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO", "58": "VE",
    "502": "GT", "503": "SV", "504": "HN", "505": "NI", "506": "CR", "507": "PA", "591": "BO", "593": "EC",
    "595": "PY", "598": "UY",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    wa_id: str | None
    name: str
    username: str | None = None
    hide_phone: bool = False

    @property
    def shown_phone(self):
        """The number a business sees; none when the person hides it behind a user name."""
        return None if self.hide_phone else self.wa_id


def digits(text):
    return "".join(letter for letter in str(text) if letter.isdigit())


def fold(phone):
    """The digits WhatsApp knows a number by, which are not always those people dial.

    Mexico keeps the mobile 1 after the country code, Argentina the 9, and Brazil drops the ninth digit
    in area codes from 31 on.
    """
    number = digits(phone)
    if number.startswith("52") and len(number) == 12:
        return "521" + number[2:]
    if number.startswith("54") and len(number) == 12 and number[2] != "9":
        return "549" + number[2:]
    if number.startswith("55"):
        return _fold_brazil(number)
    return number


def _fold_brazil(number):
    area, line = number[2:4], number[4:]
    if area >= "31" and len(line) == 9 and line[0] == "9":
        return "55" + area + line[1:]
    if area < "31" and len(line) == 8 and line[0] in "6789":
        return "55" + area + "9" + line
    return number


def is_user_id(text):
    """Whether this looks like a business-scoped user id, `CO.` and so on, rather than digits."""
    return len(text) > 3 and text[2] == "." and text[:2].isalpha()


def find_person(state, key):
    """The person behind a key; every telephone exists, so an unknown number is a person without a name."""
    row = state.one("SELECT * FROM people WHERE key = ?", key)
    if row is None:
        return Person(key, None if is_user_id(key) else key, f"Cliente {key[-4:]}")
    return Person(row["key"], row["wa_id"], row["name"], row["username"], bool(row["hide_phone"]))


def remember_person(
    state, *, phone=None, user_id=None, waba_id=None, name=None, username=None, hide_phone=None
):
    """Note what is now known of a person, keeping what was known before; without a phone the user id is the key."""
    old = find_person(state, fold(phone)) if phone else person_behind(state, user_id)
    hidden = old.hide_phone if hide_phone is None else bool(hide_phone)
    person = Person(old.key, old.wa_id, name or old.name, username or old.username, hidden)
    state.run(
        "INSERT OR REPLACE INTO people (key, wa_id, name, username, hide_phone) VALUES (?, ?, ?, ?, ?)",
        person.key, person.wa_id, person.name, person.username, int(person.hide_phone),
    )  # fmt: skip
    if waba_id:
        remember_user_id(state, person, waba_id, user_id)
    return person


def remember_user_id(state, person, waba_id, user_id=None):
    """So that the business can answer by user id, and a chosen id stays."""
    bsuid = user_id or user_id_for(state, person, waba_id)
    state.run(
        "INSERT OR REPLACE INTO user_ids (waba_id, person, bsuid) VALUES (?, ?, ?)",
        waba_id,
        person.key,
        bsuid,
    )


def user_id_for(state, person, waba_id):
    """What this business calls this person; another business calls them something else."""
    row = state.one("SELECT bsuid FROM user_ids WHERE waba_id = ? AND person = ?", waba_id, person.key)
    if row:
        return row["bsuid"]
    if person.wa_id is None:
        return person.key
    seed = hashlib.sha256(f"{waba_id}:{person.key}".encode()).digest()
    return f"{_country(person.key)}.{int.from_bytes(seed[:8], 'big'):019d}"


def person_behind(state, bsuid):
    """The person a user id stands for; an id nobody has used yet is a new person without a number."""
    row = state.one("SELECT person FROM user_ids WHERE bsuid = ?", bsuid)
    return find_person(state, row["person"] if row else bsuid)


def _country(wa_id):
    return next((COUNTRIES[wa_id[:size]] for size in (3, 2, 1) if wa_id[:size] in COUNTRIES), "CO")


def contact_card(person, user_id, *, with_username=True):
    """The `contacts` entry of a webhook; keys a business may not see are left out, not empty."""
    profile = {"name": person.name}
    if person.username and with_username:
        profile["username"] = person.username
    card = {"profile": profile, "user_id": user_id}
    return {**card, "wa_id": person.shown_phone} if person.shown_phone else card
