"""`flask worker` and `flask scheduler` as processes: they work, and end orderly when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import redis


@pytest.fixture
def start(settings, tmp_path, clean):
    """Run `flask …` with the settings of the tests."""
    reveal = {
        name: getattr(settings, name).get_secret_value()
        for name in ("database_url", "redis_url", "secret_key", "crm_encryption_keys")
    }
    environment = {
        **os.environ,
        **{name.upper(): value for name, value in reveal.items()},
        "CRM_DATA_DIR": str(tmp_path),
    }
    running = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", *arguments], env=environment, stderr=subprocess.PIPE
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_they_work_until_told_to_stop(start, settings):
    client = redis.Redis.from_url(settings.redis_url.get_secret_value())
    processes = [start("worker", "--queue", "work"), start("worker", "--queue", "ingest"), start("scheduler")]
    wait_for(
        lambda: (
            client.scard("rq:workers:work")
            and client.scard("rq:workers:ingest")
            and client.get("scheduler:alive")
        )
    )
    for process in processes:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(20) for process in processes] == [0, 0, 0]
    client.close()


def test_a_queue_nobody_knows_is_refused(start):
    process = start("worker", "--queue", "leisure")
    assert process.wait(20) == 2
    assert b"'ingest', 'work'" in process.stderr.read()
