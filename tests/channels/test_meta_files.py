"""Files go up and come down, and the token goes to nobody but Meta."""

import io

import pytest

from crm_web.channels.adapters.meta.client import GraphClient
from crm_web.channels.adapters.meta.errors import WORDS
from tests.channels.meta_server import (
    NUMBER,
    TOKEN,
    answer,
    chunked,
    connections,
    cut_short,
    failure,
    graph_server,
    hang,
)


@pytest.fixture
def meta():
    with graph_server() as server:
        yield server


@pytest.fixture
def client(meta):
    return GraphClient(meta.url, read_seconds=0.4)


def test_a_file_is_uploaded(client, meta):
    meta.behave = answer({"id": "4490709327384033"})
    assert (
        client.upload(NUMBER, TOKEN, b"%PDF-1.7", "application/pdf", 'Promesa "fin"\r\nX: 1.pdf')
        == "4490709327384033"
    )
    (request,) = meta.seen
    assert request.path.endswith(f"/{NUMBER}/media")
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b"%PDF-1.7" in request.body
    assert b'filename="Promesa %22fin%22%0D%0AX: 1.pdf"' in request.body
    assert b'name="messaging_product"\r\n\r\nwhatsapp' in request.body
    assert b"Content-Type: application/pdf" in request.body


def test_an_upload_without_an_id_can_be_repeated(client, meta):
    meta.behave = answer({})
    assert failure(client.upload, NUMBER, TOKEN, b"", "image/png", "a.png").reaction == "retry"


def test_a_file_is_looked_up_and_loaded(client, meta):
    home = f"http://127.0.0.1:{meta.server_port}"
    meta.behave = answer({"url": f"{home}/files/1", "mime_type": "image/jpeg", "file_size": "5"})
    found = client.media_meta("77", TOKEN, NUMBER)
    assert (found["file_size"], meta.seen[0].path) == (5, f"/sandbox/graph/v26.0/77?phone_number_id={NUMBER}")
    meta.behave = answer(b"\xff\xd8\xff..", content_type="image/jpeg; q=1")
    sink = io.BytesIO()
    assert client.download(found["url"], TOKEN, sink) == ("image/jpeg", 5)
    assert sink.getvalue() == b"\xff\xd8\xff.."
    assert meta.seen[1].headers["Authorization"] == f"Bearer {TOKEN}"
    assert connections(meta) == 1


@pytest.mark.parametrize("behave", [answer(b"x" * 3000), chunked(3000)])
def test_a_file_that_is_too_large_is_left(client, meta, behave):
    meta.behave = behave
    sink = io.BytesIO()
    error = failure(client.download, f"{meta.url}/file", TOKEN, sink, 2000)
    assert (error.permanent, error.sentence) == (True, WORDS["file_too_large"])
    assert len(sink.getvalue()) <= 2000


def test_a_file_in_chunks_is_loaded(client, meta):
    meta.behave = chunked(200_000)
    sink = io.BytesIO()
    assert client.download(f"{meta.url}/file", TOKEN, sink) == ("image/jpeg", 200_000)
    assert len(sink.getvalue()) == 200_000


@pytest.mark.parametrize("behave", [hang, cut_short, answer(b"", 404), answer(b"", 503)])
def test_a_file_that_does_not_come_can_be_asked_for_again(client, meta, behave):
    meta.behave = behave
    assert failure(client.download, f"{meta.url}/file", TOKEN, io.BytesIO()).reaction == "retry"


def test_a_full_disk_is_not_the_providers_fault(client, meta):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        client.download(f"{meta.url}/file", TOKEN, Full())


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
        "https://scontent.xx.fbcdn.net/v/a.jpg",
        "https://mmg.whatsapp.net/d/f/a.enc",
        "HTTPS://LOOKASIDE.FBSBX.COM/a",
        "https://graph.facebook.com/v26.0/1",
        "https://lookaside.fbsbx.com:443/a",
    ],
)
def test_metas_file_hosts_are_trusted(url):
    assert GraphClient("https://graph.facebook.com")._trusted(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
        "http://lookaside.fbsbx.com/a",
        "https://evil.example/a",
        "https://fbsbx.com.evil.example/a",
        "https://evilfbsbx.com/a",
        "https://evil.example\\@lookaside.fbsbx.com/a",
        "https://evil.example#@lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com@evil.example/a",
        "https://user:pass@lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com:8443/a",
        "//lookaside.fbsbx.com/a",
        "http://127.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1]/a",
        "http://[broken/a",
    ],
)
def test_the_token_goes_nowhere_else(client, meta, url):
    error = failure(client.download, url, TOKEN, io.BytesIO())
    assert error.permanent
    assert meta.seen == []


def test_a_file_that_moved_is_not_followed(client, meta):
    meta.behave = answer(b"", 302, Location="https://evil.example/a")
    assert failure(client.download, f"{meta.url}/file", TOKEN, io.BytesIO()).reaction == "channel_broken"
