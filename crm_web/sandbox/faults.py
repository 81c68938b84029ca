"""Meta's errors, and the telephone numbers whose endings ask for one.

Codes and HTTP statuses follow Meta's error reference for the Cloud API.
"""

import secrets
from dataclasses import dataclass

# code: (HTTP status, title)
ERRORS = {
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    4: (400, "API Too Many Calls"),
    10: (403, "API Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Account has been locked"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131059: (400, "Unsupported request for groups"),
    131062: (400, "Business-scoped user id not supported for this message"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There is an issue with the parameters in your template"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    133010: (400, "Phone number not registered"),
    190: (401, "Access token has expired"),
    200: (403, "Permissions error"),
    2500: (400, "Unknown path components"),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What happens to messages for numbers that end in certain digits.

    `when`: "answer" refuses in the HTTP answer (`times` times, or always), "status" accepts and fails later,
    "cut", "hang" and "broken" accept and spoil the answer.
    """

    when: str
    code: int = 0
    times: int | None = None
    http: int | None = None


ENDINGS = {
    "0131026": Ending("status", 131026),
    "0131049": Ending("status", 131049),
    "0131050": Ending("status", 131050),
    "0130472": Ending("status", 130472),
    "0131047": Ending("answer", 131047),
    "0131048": Ending("answer", 131048),
    "0000190": Ending("answer", 190),
    "0130429": Ending("answer", 130429, times=2),
    "0131056": Ending("answer", 131056, times=2),
    "0000500": Ending("answer", 131000, times=2, http=500),
    "0009999": Ending("cut"),
    "0008888": Ending("hang"),
    "0007777": Ending("broken"),
}


class GraphError(Exception):
    """A refusal in Meta's shape."""

    def __init__(self, code, details="", *, http=None, subcode=None, kind="OAuthException"):
        super().__init__(f"{code} {details}")
        known_http, self.title = ERRORS.get(code, (400, "Something went wrong"))
        self.code, self.details, self.subcode, self.kind = code, details or self.title, subcode, kind
        self.http = http or known_http

    def as_answer(self):
        """The body of the HTTP answer."""
        error = {
            "message": f"(#{self.code}) {self.title}",
            "type": self.kind,
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
        }
        if self.subcode:
            error |= {"error_subcode": self.subcode, "error_user_msg": self.details}
        return {"error": {**error, "fbtrace_id": "A" + secrets.token_urlsafe(16)}}


def status_error(code):
    """The same refusal inside a `failed` status."""
    _, title = ERRORS.get(code, (400, "Something went wrong"))
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": title},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }


def missing(name):
    return GraphError(131008, f"Parameter '{name}' is required")


def invalid(name, why):
    return GraphError(131009, f"Parameter '{name}' {why}")


def unknown_object(node):
    """Graph says the same to what does not exist and to what this token may not see."""
    return GraphError(
        100,
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
        subcode=33,
        kind="GraphMethodException",
    )
