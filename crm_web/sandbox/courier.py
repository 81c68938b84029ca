"""Carries the webhooks to the business: at least once each, in order where it matters, again until answered 200.

Several processes may carry from the same file: a row is claimed in one statement, and one whose carrier died
is taken over when its hold runs out, so the business may see it twice, as it would from Meta.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import urllib3

from . import webhooks
from .knobs import read_knobs

log = logging.getLogger(__name__)

PAUSES = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
GIVE_UP_AFTER = 24 * 3600
HOLD = 30
ANSWER_WITHIN = 20
KEPT = 20_000

CLAIM = """
UPDATE deliveries SET state = 'sending', attempts = attempts + 1, held_until = :hold WHERE id IN (
  SELECT id FROM deliveries AS mine
  WHERE state = 'waiting' AND due_at <= :now AND NOT EXISTS (
    SELECT 1 FROM deliveries AS earlier
    WHERE earlier.lane = mine.lane AND earlier.id < mine.id AND earlier.state IN ('waiting', 'sending')
    AND (earlier.attempts = 0 OR earlier.state = 'sending'))
  ORDER BY due_at LIMIT :limit)
RETURNING *
"""


CONNECTIONS = urllib3.PoolManager(maxsize=32)


def post(url, body, headers):
    """Knock at the business's door once; the HTTP status, whatever it is."""
    answer = CONNECTIONS.urlopen(
        "POST", url, body=body, headers=headers, retries=False, redirect=False, timeout=ANSWER_WITHIN
    )
    return answer.status


class Rounds:
    """What every courier does, whichever way it walks: claim what is due, and write down how it went."""

    def __init__(self, state, *, url, secret, hands=16):
        self.state, self.url, self.secret, self.hands = state, url, secret, hands
        self._since_tidy = 0

    def claim(self, free):
        """Parcels for up to `free` hands, claimed for this courier."""
        now, size = self.state.now(), max(1, read_knobs(self.state).batch)
        with self.state.tx() as db:
            db.execute(
                "UPDATE deliveries SET state = 'waiting' WHERE state = 'sending' AND held_until < ?", (now,)
            )
            rows = db.execute(CLAIM, {"now": now, "hold": now + HOLD, "limit": free * size}).fetchall()
        self.state.commit()
        return pack(rows, size)

    def wrap(self, parcel):
        """(address, body, headers) of the POST that carries this parcel."""
        body = webhooks.encode(webhooks.envelope(parcel))
        return self.address(parcel[0]), body, webhooks.headers(self.secret, body)

    def address(self, row):
        """Where this account wants its webhooks: the number's own address, the account's, or everybody's."""
        own = self.state.one(
            "SELECT coalesce((SELECT webhook_url FROM numbers WHERE phone_number_id = ?),"
            " (SELECT webhook_url FROM wabas WHERE waba_id = ?)) AS url",
            row["phone_number_id"],
            row["waba_id"],
        )
        return own["url"] or self.url

    def settle(self, outcomes):
        """Write down (parcel, HTTP status or None, error or None): arrived, or again later."""
        with self.state.tx() as db:
            for parcel, status, error in outcomes:
                for row in parcel:
                    if status == 200:
                        _arrived(db, row, self.state.now())
                    else:
                        _try_later(db, row, self.state.now(), status, error)
            self._tidy(db, len(outcomes))
        self.state.commit()

    def _tidy(self, db, finished):
        """A long load test should not fill the disk with what arrived long ago."""
        self._since_tidy += finished
        if self._since_tidy >= 2000:
            self._since_tidy = 0
            db.execute(
                "DELETE FROM deliveries WHERE state = 'done' AND id < (SELECT max(id) FROM deliveries) - ?",
                (KEPT,),
            )


class Courier(Rounds):
    """The thread (a greenlet under gevent) of one process that carries what is due.

    `knock(url, body, headers) -> status` is replaceable, so that tests can answer without a socket.
    """

    def __init__(self, state, *, knock=post, **how):
        super().__init__(state, **how)
        self.knock = knock
        self._pool = ThreadPoolExecutor(self.hands, thread_name_prefix="sandbox-courier")
        self._free = threading.Semaphore(self.hands)
        self._stopped = threading.Event()

    def start(self):
        threading.Thread(target=self._carry_forever, name="sandbox-courier", daemon=True).start()
        return self

    def stop(self):
        """Let what is under way arrive; the rest waits for the next start."""
        self._stopped.set()
        self.state.news.set()
        self._pool.shutdown(wait=True)

    def carry_due(self):
        """Hand out what is due to the free hands, and say how many parcels that were."""
        free = 0
        while free < self.hands and self._free.acquire(blocking=False):
            free += 1
        parcels = self.claim(free) if free else []
        for _ in range(free - len(parcels)):
            self._free.release()
        for parcel in parcels:
            self._pool.submit(self._carry, parcel)
        return len(parcels)

    def _carry_forever(self):
        while not self._stopped.is_set():
            self.state.news.clear()
            try:
                carried = self.carry_due()
                if not carried:
                    self.state.news.wait(self._nap())
            except Exception:
                log.exception("the courier stumbled")
                self._stopped.wait(1)

    def _nap(self):
        """Until the next row is due, but never long: other processes queue rows as well."""
        row = self.state.one("SELECT min(due_at) AS due FROM deliveries WHERE state = 'waiting'")
        until_due = row["due"] - self.state.now() if row["due"] else 0.2
        return min(max(until_due, 0.02), 0.2)

    def _carry(self, parcel):
        try:
            self.settle([(parcel, *self._try(parcel))])
        except Exception:
            log.exception("a parcel was dropped; its hold will run out")
        finally:
            self._free.release()
            self.state.news.set()

    def _try(self, parcel):
        try:
            return self.knock(*self.wrap(parcel)), None
        except Exception as failure:
            return None, f"{type(failure).__name__}: {failure}"[:300]


def pack(rows, size):
    """Parcels of up to `size` rows; what has its own address travels apart from the rest."""
    parcels = []
    rows = sorted(rows, key=lambda row: (row["waba_id"], row["phone_number_id"] or ""))
    for _, same in groupby(rows, key=lambda row: (row["waba_id"], row["phone_number_id"])):
        together = list(same)
        parcels += [together[start : start + size] for start in range(0, len(together), size)]
    return parcels


def _arrived(db, row, now):
    db.execute(
        "UPDATE deliveries SET state = 'done', done_at = ?, last_status = 200, last_error = NULL WHERE id = ?",
        (now, row["id"]),
    )
    if row["inbound"]:
        db.execute(
            "UPDATE messages SET status = 'delivered' WHERE wamid = ? AND status = 'sent'", (row["inbound"],)
        )


def _try_later(db, row, now, status, error):
    over = now - row["created_at"] > GIVE_UP_AFTER
    pause = PAUSES[min(row["attempts"], len(PAUSES)) - 1]
    db.execute(
        "UPDATE deliveries SET state = ?, due_at = ?, last_status = ?, last_error = ? WHERE id = ?",
        ("given_up" if over else "waiting", now + pause, status, error, row["id"]),
    )
