"""The same five verbs against a bucket that speaks S3, over HTTP."""

from __future__ import annotations

import io
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_web.files import storage


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as an object store client needs."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, tuple[bytes, str]] = {}
    parts: dict[str, bytes] = {}

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "ETag": '"e"', **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        body, query = (
            self.rfile.read(int(self.headers["Content-Length"])),
            parse_qs(urlsplit(self.path).query),
        )
        if "partNumber" in query:
            self.parts[query["partNumber"][0]] = body
        else:
            self.objects[urlsplit(self.path).path] = (body, self.headers.get("Content-Type", ""))
        self.answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        if query.startswith("delete"):
            keys = re.findall(r"<Key>(.+?)</Key>", body)
            for key in keys:
                self.objects.pop(f"{path}/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self.answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())
        elif query.startswith("uploads"):
            self.answer(
                200, b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
            )
        else:
            self.objects[path] = (b"".join(self.parts[number] for number in sorted(self.parts, key=int)), "")
            self.answer(200, b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")

    def do_GET(self) -> None:
        found = self.objects.get(urlsplit(self.path).path)
        if found is None:
            self.answer(404)
            return
        body, asked = found[0], re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            self.answer(200, body)
            return
        start, end = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
        self.answer(206, body[start : end + 1], Content_Range=f"bytes {start}-{end}/{len(body)}")

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket(app, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    storage.use("s3://files/prefix")
    yield Bucket.objects
    storage.init_app(app)
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_keeps_gives_and_forgets(bucket):
    storage.write("t/a.pdf", b"0123456789", "application/pdf")
    assert bucket == {"/files/prefix/t/a.pdf": (b"0123456789", "application/pdf")}
    assert storage.read("t/a.pdf") == b"0123456789"
    assert b"".join(storage.open_stream("t/a.pdf", 2, 5)) == b"234"
    assert b"".join(storage.open_stream("t/a.pdf", 7)) == b"789"
    storage.delete("t/a.pdf")
    assert not storage.exists("t/a.pdf")
    for read in (storage.read, storage.open_stream):
        with pytest.raises(FileNotFoundError):
            read("t/a.pdf")


def test_a_large_file_goes_in_parts(bucket):
    content = os.urandom(12_000_000)
    storage.write("large", io.BytesIO(content), "video/mp4")
    assert storage.read("large") == content
