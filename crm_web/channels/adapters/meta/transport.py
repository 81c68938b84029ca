"""Requests over kept-alive connections, and the one question that matters when they fail: did anything
leave?

A message whose request may have left must not be sent again by itself, because Meta has no idempotency key;
one whose request certainly did not leave can be.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS, READ_SECONDS, UPLOAD_SECONDS = 5.0, 20.0, 120.0
CHUNK = 64 * 1024
NETWORK_ERRORS = (urllib3.exceptions.HTTPError, OSError)

_flight = threading.local()  # one request at a time in a thread or greenlet


class _Watched:
    """Notes the moment from which the request may have reached the other side."""

    sock: Any

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        _flight.left = True
        super().send(data)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class NetworkFailure(Exception):
    """No usable answer. `left` says whether the request may have arrived, `http` what is known of the
    answer.
    """

    def __init__(self, cause: str, *, left: bool, http: int | None = None) -> None:
        super().__init__(cause)
        self.left = left
        self.http = http


class Answer(NamedTuple):
    http: int
    headers: Mapping[str, str]
    body: bytes


def pool_manager(maxsize: int) -> urllib3.PoolManager:
    """The pools of this process; a forked child gets its own, because two processes cannot share a
    connection.
    """
    return _pool_manager(os.getpid(), maxsize)


@lru_cache(maxsize=8)
def _pool_manager(_: int, maxsize: int) -> urllib3.PoolManager:
    manager = urllib3.PoolManager(num_pools=16, maxsize=maxsize, block=False, retries=False)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager


def exchange(
    pools: urllib3.PoolManager,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    read_seconds: float,
    max_bytes: int = 1024 * 1024,
) -> Answer:
    """One request, no redirects, no repeats; the answer whole, unless it is too large or too slow for an
    answer.
    """
    with opened(pools, method, url, headers, body, read_seconds=read_seconds) as response:
        chunks = list(chunks_of(response, max_bytes, time.monotonic() + read_seconds))
        return Answer(response.status, response.headers, b"".join(chunks))


@contextmanager
def opened(
    pools: urllib3.PoolManager,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    read_seconds: float,
) -> Iterator[urllib3.BaseHTTPResponse]:
    """The answer once its headers are here. Its connection is used again only when the body was read to its
    end.
    """
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
    _flight.left = False
    try:
        response = pools.urlopen(
            method, url, body=body, headers=headers, timeout=timeout, redirect=False, preload_content=False
        )
    except NETWORK_ERRORS as error:
        raise NetworkFailure(type(error).__name__, left=_flight.left) from error
    try:
        yield response
    except BaseException:
        response.close()
        raise
    response.release_conn()


def chunks_of(response: urllib3.BaseHTTPResponse, max_bytes: int, deadline: float) -> Iterator[bytes]:
    """The body as it comes. The socket's timeout is per read, so a body that drips is stopped by the
    deadline.
    """
    size = 0
    while chunk := _chunk(response):
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise NetworkFailure("the body takes too long", left=True, http=response.status)
        yield chunk


def _chunk(response: urllib3.BaseHTTPResponse) -> bytes:
    try:
        return response.read1(CHUNK)
    except NETWORK_ERRORS as error:
        raise NetworkFailure(type(error).__name__, left=True, http=response.status) from error


class TooLarge(Exception):
    """More bytes than we agreed to read."""
