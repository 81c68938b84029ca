"""A seller's voice reaches the telephone as a voice note."""

from __future__ import annotations

from io import BytesIO

from crm_web.models import Conversation, File, Message, OutboxItem
from tests.files import corpus, recordings


def url(conversation) -> str:
    return f"/inbox/{conversation.id}/messages"


def recorded(**given) -> tuple[BytesIO, str, str]:
    return (BytesIO(recordings.recording(**given)), "Nota de voz.webm", "audio/webm")


def test_the_telephone_plays_it(seller, telephone, only, rows):
    telephone.says("¿Me explicas por audio?")
    seller.post(url(only(Conversation)), file=recorded(), voice="1", fragment=True)
    telephone.settle()
    got = telephone.last()
    assert (got["type"], got["media"]["voice"]) == ("audio", True)
    sent = rows(Message)[-1]
    assert (sent.kind, sent.payload["voice"], sent.body) == ("audio", True, "")
    file = only(File)
    assert (file.mime, file.kind, file.name) == ("audio/ogg", "audio", "nota-de-voz.ogg")
    assert 0.8 < file.seconds < 1.2


def test_an_audio_file_is_no_voice_note(seller, telephone, only):
    telephone.says("Hola")
    attached = (BytesIO(recordings.recording("ogg")), "tema.ogg", "audio/ogg")
    seller.post(url(only(Conversation)), file=attached)
    telephone.settle()
    assert not telephone.last()["media"].get("voice")


def test_what_is_no_recording_is_refused_in_words(seller, conversation, rows):
    for content in (corpus.PDF, b"", recordings.film()):
        fake = (BytesIO(content), "voz.webm", "audio/webm")
        answer = seller.post(url(conversation), file=fake, voice="1", fragment=True, expect=422)
        assert "Graba la nota de voz otra vez" in answer.text
    assert len(rows(Message)) == 1
    assert rows(OutboxItem) == rows(File) == []


def test_a_double_click_is_one_note(seller, conversation, rows):
    for _ in range(2):
        seller.post(url(conversation), file=recorded(), voice="1", client_id="v1")
    assert len(rows(Message)) == 2


def test_who_may_not_answer_sends_none(quality, rival, conversation, rows):
    for person in (quality, rival):
        person.post(url(conversation), file=recorded(), voice="1", expect=404)
    assert len(rows(Message)) == 1
