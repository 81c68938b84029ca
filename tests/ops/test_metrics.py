"""Figures for Prometheus, and for nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.cast import Person


def figures(person: Person, **given) -> dict[tuple, float]:
    text = person.get("/metrics", **given).text
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_waits_is_counted_over_all_tenants(seller, conversation, rival_house):
    seller.post(f"/inbox/{conversation.id}/messages", body="Hola")
    found = figures(seller)
    assert (found["crm_outbox_queued",], found["crm_events_pending",], found["crm_files_pending",]) == (
        1,
        0,
        0,
    )
    assert found["crm_queue_jobs", "work"] == 1
    assert found["crm_up", "database"] == found["crm_up", "redis"] == 1


def test_requests_are_counted_by_what_they_ask_and_get(anonymous):
    def count(endpoint: str, status: str) -> float:
        return figures(anonymous).get(("crm_http_seconds_count", *sorted((endpoint, "GET", status))), 0)

    before, nowhere = count("ops.alive", "200"), count("none", "404")
    anonymous.get("/healthz")
    for invented in range(3):
        anonymous.get(f"/invented/{invented}", expect=404)
    assert count("ops.alive", "200") == before + 1
    assert count("none", "404") == nowhere + 3


def test_invented_methods_make_one_series(anonymous):
    for invented in ("BREW", "PROPFIND"):
        anonymous.open("/healthz", method=invented)
    methods = {
        labels
        for name, *labels in map(list, figures(anonymous))
        if name == "crm_http_seconds_count"
        for labels in labels
    }
    assert "other" in methods
    assert not methods & {"BREW", "PROPFIND"}


def test_an_early_refusal_takes_time_too(anonymous):
    anonymous.get("/inbox", expect=302)
    sums = [value for (name, *_), value in figures(anonymous).items() if name == "crm_http_seconds_sum"]
    assert min(sums) >= 0


def test_a_part_that_is_away_is_a_figure_too(anonymous, monkeypatch, app):
    monkeypatch.setitem(app.extensions, "redis", redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
    found = figures(anonymous)
    assert (found["crm_up", "database"], found["crm_up", "redis"]) == (1, 0)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.20.0.4", "192.168.1.9", "::ffff:10.0.0.1", "fd00::1"]
)
def test_near_addresses_may_look(anonymous, address):
    anonymous.get("/metrics", environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "::ffff:8.8.8.8", "2001:db8::1", "", "unix:"])
def test_far_ones_may_not(anonymous, address):
    anonymous.get("/metrics", environ_base={"REMOTE_ADDR": address}, expect=403)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_far(anonymous, header):
    anonymous.get("/metrics", headers={header: "127.0.0.1"}, expect=403)


def test_the_token_opens_it_from_anywhere(anonymous, app, monkeypatch):
    far = {"REMOTE_ADDR": "8.8.8.8"}
    anonymous.get("/metrics", environ_base=far, headers={"Authorization": "Bearer "}, expect=403)
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "let-me-see")
    anonymous.get("/metrics", environ_base=far, headers={"Authorization": "Bearer let-me-see"})
    anonymous.get("/metrics", environ_base=far, headers={"Authorization": "Bearer other"}, expect=403)


SHARED = """
from pathlib import Path
from crm_web.ops import metrics
metrics.HTTP_SECONDS.labels("inbox.index", "GET", 200).observe(0.01)
metrics._sockets().set(7)
metrics.Waiting.collect = lambda self: iter(())
print(metrics.exposition().decode())
"""


def test_processes_add_up_and_the_dead_hold_no_sockets(tmp_path):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for expected in (1, 2):
        told = subprocess.run(
            [sys.executable, "-c", SHARED], env=environment, capture_output=True, text=True, check=True
        )
        assert (
            f'crm_http_seconds_count{{endpoint="inbox.index",method="GET",status="200"}} {expected}.0'
            in told.stdout
        )
        assert "crm_sockets 7.0" in told.stdout
