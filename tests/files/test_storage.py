"""Bytes go in and come out, whole or in part, and only under keys of ours."""

from __future__ import annotations

import io
import os
import uuid

import pytest

from crm_web.files import storage

TENANT, LEAD, FILE = (uuid.UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def store(tmp_path, app):
    storage.use((tmp_path / "a folder").as_uri())
    yield tmp_path / "a folder"
    storage.init_app(app)


@pytest.mark.parametrize(
    "kind, folder",
    [("image", "media/images"), ("sticker", "media/images"), ("video", "media/videos"), ("audio", "media/audio"),
     ("document", "documents"), ("other", "documents"), ("archive", "archives"), ("conversation", "conversations")],
)  # fmt: skip
def test_the_tree_of_keys(kind, folder):
    assert storage.key_of(TENANT, LEAD, FILE, kind, "bin") == f"{TENANT}/clients/{LEAD}/{folder}/{FILE}.bin"
    assert storage.key_of(TENANT, None, FILE, kind, "") == f"{TENANT}/uploads/{FILE}"


@pytest.mark.parametrize("wrap", [bytes, io.BytesIO])
def test_what_is_written_is_read(store, wrap):
    storage.write("t/x.bin", wrap(b"hola"), "text/plain")
    assert storage.read("t/x.bin") == b"hola"
    assert (store / "t" / "x.bin").read_bytes() == b"hola"


def test_a_file_is_written_from_its_beginning_and_replaced_whole(store):
    content = io.BytesIO(b"entero")
    content.read()
    storage.write("k", b"something much longer", "text/plain")
    storage.write("k", content, "text/plain")
    assert storage.read("k") == b"entero"


def test_a_stream_gives_any_part(store):
    content = os.urandom(3 * storage.CHUNK + 17)
    storage.write("k", content, "video/mp4")
    pieces = list(storage.open_stream("k"))
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert b"".join(storage.open_stream("k", 100, 5000)) == content[100:5000]
    assert b"".join(storage.open_stream("k", len(content) - 5)) == content[-5:]


def test_what_is_not_there(store):
    for read in (storage.read, storage.open_stream):
        with pytest.raises(FileNotFoundError):
            read("missing")
    assert not storage.exists("missing")
    storage.delete("missing")


def test_delete(store):
    storage.write("k", b"x", "text/plain")
    assert storage.exists("k")
    storage.delete("k")
    assert not storage.exists("k")


@pytest.mark.parametrize("key", ["../out", "a/../../out", "/etc/passwd-of-ours"])
def test_no_key_leaves_the_folder(store, key):
    with pytest.raises(ValueError):
        storage.write(key, b"x", "text/plain")
    assert not [path for path in store.parent.rglob("*") if path.is_file()]


def test_a_bucket_is_known_by_its_address(app, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    try:
        storage.use("s3://a-bucket/files")
        assert (storage.kind, storage.folder()) == ("s3", None)
    finally:
        storage.init_app(app)


def test_an_address_nobody_knows_stops_the_start():
    with pytest.raises(ValueError, match="STORAGE_URL"):
        storage.use("ftp://somewhere")
