"""The oracle: what was accepted is in the log, once, whatever happens around it."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sandbox.stage import ACME, Meta, stand_in, wamid


def test_two_hundred_sends_in_flight_are_all_logged_once(tmp_path: Path) -> None:
    with stand_in(
        tmp_path, None, "--no-window", "--no-endings", "--no-statuses", "--latency-ms", "150"
    ) as meta:
        meta.http.connection_pool_kw["maxsize"] = 200
        began = time.monotonic()
        with ThreadPoolExecutor(200) as hands:
            sent = list(hands.map(lambda place: _send(meta, place), range(1000)))
        assert time.monotonic() - began < 8
        log = meta.get("log", limit=5000)
        assert sorted(row["wamid"] for row in log) == sorted(sent)
        assert meta.get("log/totals") == {"sends": 1000, "callbacks": 1000, "last_id": 1000, "repeated": []}


def _send(meta: Meta, place: int) -> str:
    return wamid(meta.send(f"+57302{place:07d}", biz_opaque_callback_data=f"row-{place}"))


def test_a_repeated_send_is_seen(tmp_path: Path) -> None:
    with stand_in(tmp_path, None, "--no-window") as meta:
        for _ in range(2):
            wamid(meta.send("+573021110001", biz_opaque_callback_data="twice"))
        assert meta.get("log/totals")["repeated"] == [{"callback": "twice", "times": 2}]


def test_the_log_is_paged_by_id(tmp_path: Path) -> None:
    with stand_in(tmp_path, None, "--no-window") as meta:
        for place in range(5):
            _send(meta, place)
        assert [row["id"] for row in meta.get("log", after=2, limit=2)] == [3, 4]
        assert meta.ask("GET", "log?after=x").status == 400


def test_refused_sends_are_not_logged(tmp_path: Path) -> None:
    with stand_in(tmp_path, None) as meta:
        assert meta.send("+573021110002").status == 400
        assert meta.get("log") == []


def test_nothing_answered_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    with stand_in(tmp_path, None, "--no-window") as meta:
        sent = [_send(meta, place) for place in range(50)]
        meta.process.kill()
    with stand_in(tmp_path, None, "--no-window") as meta:
        assert [row["wamid"] for row in meta.get("log")] == sent


def test_nobody_can_rewrite_the_log(tmp_path: Path) -> None:
    with stand_in(tmp_path, None, "--no-window") as meta:
        _send(meta, 1)
    db = sqlite3.connect(tmp_path / "world.sqlite")
    try:
        for change in ("UPDATE log SET wamid = 'x'", "DELETE FROM log"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(change)
        assert db.execute("SELECT phone_number_id FROM log").fetchall() == [(ACME,)]
    finally:
        db.close()
