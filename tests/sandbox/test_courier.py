"""The courier inside the product: a thread, perhaps in several processes, over one file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from crm_web.sandbox.courier import Courier
from crm_web.sandbox.state import State
from crm_web.sandbox.telephone import received, write_as_customer
from crm_web.sandbox.wire import Request, World, dispatch
from tests.sandbox.stage import ACME, SECRET, until


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "world.sqlite")
    yield state
    state.close()


class Door:
    """Where the courier knocks."""

    def __init__(self, *answers: int) -> None:
        self.answers, self.bodies, self.lock = list(answers), [], threading.Lock()

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        with self.lock:
            self.bodies.append(body)
            return self.answers.pop(0) if self.answers else 200


def courier(state: State, door: Any) -> Courier:
    return Courier(state, url="http://business.test", secret=SECRET, knock=door)


def counts(state: State) -> dict[str, int]:
    return {
        row["state"]: row["n"]
        for row in state.all("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
    }


def test_a_thread_carries_what_is_queued(state: State) -> None:
    door = Door(500)
    carrying = courier(state, door).start()
    try:
        said = write_as_customer(state, {"from": "573051110001", "text": "hola"})
        until(lambda: counts(state) == {"done": 1})
        assert len(door.bodies) == 2
        row = state.one("SELECT status FROM messages WHERE wamid = ?", said["id"])
        assert row["status"] == "delivered"
    finally:
        carrying.stop()


def test_two_couriers_never_carry_the_same_parcel(state: State, tmp_path: Path) -> None:
    other, door = State(tmp_path / "world.sqlite"), Door()
    for place in range(60):
        write_as_customer(state, {"from": f"57305111{place:04d}", "text": "hola"})
    both = [courier(state, door), courier(other, door)]
    try:
        while counts(state).get("done", 0) < 60:
            for one in both:
                one.carry_due()
        assert len(door.bodies) == len(set(door.bodies)) == 60
    finally:
        for one in both:
            one.stop()
        other.close()


def test_what_a_dead_courier_held_is_taken_over(tmp_path: Path) -> None:
    now = [1_000_000.0]
    state = State(tmp_path / "world.sqlite", clock=lambda: now[0])
    dead, alive = courier(state, Door()), courier(state, Door())
    write_as_customer(state, {"from": "573051110002", "text": "hola"})
    assert len(dead.claim(5)) == 1
    assert alive.claim(5) == []
    now[0] += 31
    assert len(alive.claim(5)) == 1
    state.close()


def test_it_gives_up_after_a_day(tmp_path: Path) -> None:
    now = [1_000_000.0]
    state = State(tmp_path / "world.sqlite", clock=lambda: now[0])
    tired = courier(state, Door())
    write_as_customer(state, {"from": "573051110003", "text": "hola"})
    while counts(state) == {"waiting": 1}:
        tired.settle([(parcel, 503, None) for parcel in tired.claim(1)])
        now[0] += 3600
    assert counts(state) == {"given_up": 1}
    assert 24 <= (now[0] - 1_000_000) / 3600 <= 27
    state.close()


def test_several_processes_share_a_world(state: State, tmp_path: Path) -> None:
    states = [state, *(State(tmp_path / "world.sqlite") for _ in range(3))]
    worlds = [World(one, "http://business.test", SECRET) for one in states]
    body = b'{"messaging_product":"whatsapp","to":"+573051110130429","text":{"body":"x"}}'
    state.run("INSERT INTO settings VALUES ('knobs', '{\"window\": false}')")
    request = Request("POST", f"graph/v26.0/{ACME}/messages", {}, {"authorization": "Bearer x"}, body)
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda place: dispatch(worlds[place % 4], request).status, range(90)))
    assert answers.count(200) == 30
    assert len(received(state, "573051110130429")) == 30
    for one in states[1:]:
        one.close()


def test_a_failing_turn_undoes_only_itself(tmp_path: Path) -> None:
    state = State(tmp_path / "world.sqlite", grouped=True)
    write_as_customer(state, {"from": "573051110004", "text": "se queda"})
    with pytest.raises(TypeError):
        write_as_customer(state, {"from": "573051110004", "text": "se va", "timestamp": [1]})
    state.commit()
    assert counts(state) == {"waiting": 1}
    state.close()
