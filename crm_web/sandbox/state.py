"""The world in one SQLite file: who exists, what was sent, what is still to be told.

One connection per process behind one lock: a transaction never yields to another greenlet or thread, and
several processes take turns through SQLite's own lock. Durability against a power cut is given up (it is a
stand-in); a killed process loses nothing it has answered for.
"""

import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from .knobs import Knobs
from .seeds import seed

SCHEMA = (Path(__file__).parent / "schema.sql").read_text()
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -32000",
)


class State:
    """The world as one process sees it.

    With `grouped`, transactions of one turn of the event loop share a commit, and whoever answers must call
    `commit()` first; a failing one still undoes only its own writes.
    """

    def __init__(self, path, *, grouped=False, clock=time.time):
        self.path = str(path)
        self.clock = clock
        self.grouped = grouped
        self.news = threading.Event()
        self.knob_cache = ("{}", Knobs())
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = None
        self._process = None

    def now(self):
        return self.clock()

    def all(self, sql, *values):
        with self._lock:
            return self._db().execute(sql, values).fetchall()

    def one(self, sql, *values):
        with self._lock:
            return self._db().execute(sql, values).fetchone()

    def run(self, sql, *values):
        """One write; inside `tx` it belongs to it, alone it is its own transaction."""
        with self.tx() as db:
            return db.execute(sql, values)

    @contextmanager
    def tx(self):
        """All of it or none of it. Nested use joins the outer one."""
        with self._lock:
            db, self._depth = self._db(), self._depth + 1
            try:
                self._begin(db)
                yield db
            except BaseException:
                self._end(db, "ROLLBACK")
                raise
            else:
                self._end(db, "COMMIT")
            finally:
                self._depth -= 1

    def commit(self):
        """Make a group's writes lasting."""
        with self._lock:
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def close(self):
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self.commit()
                self._connection.close()
            self._connection = None

    def _begin(self, db):
        if self._depth > 1:
            return
        if not db.in_transaction:
            db.execute("BEGIN IMMEDIATE")
        if self.grouped:
            db.execute("SAVEPOINT turn")

    def _end(self, db, how):
        if self._depth > 1:
            return
        if not db.in_transaction:
            return
        if not self.grouped:
            db.execute(how)
            return
        if how == "ROLLBACK":
            db.execute("ROLLBACK TO turn")
        db.execute("RELEASE turn")

    def _db(self):
        """The connection of this process; a forked child opens its own."""
        if self._connection is None or self._process != os.getpid():
            self._connection, self._process = self._open(), os.getpid()
        return self._connection

    def _open(self):
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(
            self.path, timeout=15, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        db.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            db.execute(pragma)
        db.execute("BEGIN IMMEDIATE")
        for statement in _statements():
            db.execute(statement)
        seed(db)
        db.execute("COMMIT")
        return db


def _statements():
    """The schema cut at the ends of its statements, so that all of it is one transaction."""
    statement = ""
    for line in SCHEMA.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
