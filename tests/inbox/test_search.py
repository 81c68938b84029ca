"""Search over names, telephones and every message: what is found, by whom, in which order, whatever is typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.tenancy import as_tenant
from crm_web.leads.models import Lead
from crm_web.models import Conversation, Message
from crm_web.team.models import User, UserPermission
from tests.cast import Person
from tests.inbox.test_pages import counted_queries

SECRETS = ("Cotización", "Íngrid", "xilófono", "0143")


class Archive:
    """A house's conversations, written straight into its tables: who, when, what."""

    def __init__(self, house) -> None:
        self.house = house
        self.clock = now() - timedelta(days=700)

    def talk(self, name: str, phone: str, *words: str, owner: str | None = None, **more) -> Conversation:
        """A conversation whose messages came a day apart, oldest first."""
        first, _, last = name.partition(" ")
        with as_tenant(self.house.id):
            lead = Lead(id=new_id(), tenant_id=self.house.id, first_name=first, last_name=last, phone=phone,
                        email=more.pop("email", None), company=more.pop("company", None))  # fmt: skip
            conversation = Conversation(id=new_id(), tenant_id=self.house.id, lead_id=lead.id, channel_id=self.house.channel_id,
                                        assigned_to=self.user(owner) if owner else None, **more)  # fmt: skip
            db.session.add(lead)
            db.session.flush()
            db.session.add(conversation)
            db.session.flush()
            for text in words:
                self.say(conversation, text)
            db.session.commit()
            db.session.expunge_all()
        return conversation

    def say(self, conversation: Conversation, text: str, **more) -> None:
        self.clock += timedelta(days=1)
        conversation.version += 1
        conversation.last_message_at = self.clock
        given = {
            "direction": "inbound",
            "sender": "customer",
            "status": "received",
            "occurred_at": self.clock,
        } | more
        db.session.add(
            Message(id=new_id(), tenant_id=self.house.id, conversation_id=conversation.id,
                    channel_id=self.house.channel_id, body=text, version=conversation.version, **given)
        )  # fmt: skip

    def goes_on(self, name: str, *words: str) -> None:
        """More of a customer's words, a moment apart, from now on."""
        with as_tenant(self.house.id):
            conversation = db.session.scalar(
                sa.select(Conversation)
                .join(Lead, Lead.id == Conversation.lead_id)
                .where(Lead.profile_name == name)
            )
            start = now()
            for number, text in enumerate(words):
                self.say(conversation, text, occurred_at=start + timedelta(microseconds=number))
            db.session.commit()

    def user(self, email: str):
        return db.session.scalar(sa.select(User.id).where(User.email == email))


@pytest.fixture
def archive(acme) -> Archive:
    return Archive(acme)


@pytest.fixture
def told(archive) -> Archive:
    """Three customers, one of Sofía's, one of Simón's, one of nobody."""
    sofia, simon = "seller@acme.test", "seller2@acme.test"
    asked = ("Buenas, la Cotización por favor", "¿Y el envío a Bogotá?")
    archive.talk("Íngrid Peña", "+573105550143", *asked, owner=sofia)
    played = ("cotizaciones de ayer", "toqué el xilófono")
    archive.talk("Óscar Núñez", "+573209998877", *played, owner=simon, company="Ñandú SAS")
    archive.talk("Zoe Díaz", "+525512345678", "sin apuro", "O'Brien escribió a ana@correo.co sobre 350.000")
    return archive


def found(who: Person, query: str, **more) -> tuple[list[str], list[str]]:
    """Names of the people first found and texts of all messages, page after page, marks left out."""
    page = who.get("/inbox/search", query_string={"q": query, **more}).text
    following = page
    while link := re.search(r'hx-get="([^"]+hits=[^"]+)"', following):
        following = who.get(link.group(1).replace("&amp;", "&")).text
        page += following
    page = re.sub("</?mark>", "", page)
    people, messages = (
        re.findall(rf'<li class="row {part}".*?</li>', page, re.DOTALL)
        for part in ("found-person", "found-message")
    )
    names = [re.search(r'row-name cut">([^<]*)<', row).group(1) for row in people]
    texts = [
        re.search(r"found-words.*?<span>(.*?)</span></span>", row, re.DOTALL).group(1) for row in messages
    ]
    return names, [re.sub(r"<.*?>", "", " ".join(text.split())) for text in texts]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("cotización", ["cotizaciones de ayer", "Buenas, la Cotización por favor"]),
        ("COTIZACION", ["cotizaciones de ayer", "Buenas, la Cotización por favor"]),
        ("cot", ["cotizaciones de ayer", "Buenas, la Cotización por favor"]),
        ("bo", []),
        ("cotizaciones ayer", ["cotizaciones de ayer"]),
        ("ayer cotizacion", ["cotizaciones de ayer"]),
        ("ayer bogota", []),
        ("xilofono", ["toqué el xilófono"]),
        ("envio bog", ["¿Y el envío a Bogotá?"]),
        ("de", ["cotizaciones de ayer"]),
        ('"la cotización"', ["Buenas, la Cotización por favor"]),
        ('"cotización la"', []),
        ('"el envío" bogotá', ["¿Y el envío a Bogotá?"]),
        ("o'brien", ["O&#39;Brien escribió a ana@correo.co sobre 350.000"]),
        ("ana@correo.co", ["O&#39;Brien escribió a ana@correo.co sobre 350.000"]),
        ("350.000", ["O&#39;Brien escribió a ana@correo.co sobre 350.000"]),
    ],
)
def test_messages_are_found_by_their_words(told, seller, query, texts):
    assert found(seller, query)[1] == texts


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ingrid", ["Íngrid Peña"]),
        ("pena ing", ["Íngrid Peña"]),
        ("nun", ["Óscar Núñez"]),
        ("nandu", ["Óscar Núñez"]),
        ("0143", ["Íngrid Peña"]),
        ("5550", ["Íngrid Peña"]),
        ("310 555 0143", ["Íngrid Peña"]),
        ("+57 (310) 555-0143", ["Íngrid Peña"]),
        ("ingrid 0143", ["Íngrid Peña"]),
        ("oscar 0143", []),
        ("573", []),
        ("zoe", ["Zoe Díaz"]),
        ("grid", []),
    ],
)
def test_people_are_found_by_name_and_number(told, seller, query, names):
    assert found(seller, query)[0] == names


def test_words_are_marked_and_nothing_else_is(archive, seller):
    archive.talk("<b>Eva</b> Ruiz", "+573001112233", "<script>hola</script> & hola")
    page = seller.get("/inbox/search?q=hola").text
    assert "&lt;script&gt;<mark>hola</mark>&lt;/script&gt; &amp; <mark>hola</mark>" in page
    assert "&lt;b&gt;<mark>Eva</mark>&lt;/b&gt;" in seller.get("/inbox/search?q=eva").text


def test_names_of_files_and_places_are_words_too(archive, seller):
    conversation = archive.talk("Eva Ruiz", "+573001112233", "hola")
    with as_tenant(archive.house.id):
        conversation = db.session.get(Conversation, conversation.id)
        archive.say(conversation, "", kind="document", payload={"filename": "Contrato_promesa.pdf"})
        archive.say(conversation, "", kind="location", payload={"name": "Parque Simón Bolívar"})
        db.session.commit()
    assert found(seller, "simon")[1] == ["Parque Simón Bolívar"]
    assert found(seller, "contrato_promesa.pdf")[1] == ["Contrato_promesa.pdf"]
    assert found(seller, "bolivar", kind="file")[1] == []
    assert found(seller, "contrato_promesa", kind="file")[1] == ["Contrato_promesa.pdf"]


def test_deleted_and_revoked_messages_are_not_found(archive, seller):
    conversation = archive.talk("Eva Ruiz", "+573001112233", "aguja visible")
    with as_tenant(archive.house.id):
        conversation = db.session.get(Conversation, conversation.id)
        archive.say(conversation, "aguja borrada", deleted_at=now())
        archive.say(conversation, "aguja retirada", revoked_at=now())
        archive.say(conversation, "aguja del sistema", kind="system", direction="internal", sender="system")
        db.session.commit()
    assert found(seller, "aguja")[1] == ["aguja visible"]


def test_filters_narrow(told, seller):
    with as_tenant(told.house.id):
        sofia, simon = told.user("seller@acme.test"), told.user("seller2@acme.test")
        days = {m.body: m.occurred_at for m in db.session.scalars(sa.select(Message))}
        db.session.rollback()
    old, new = "Buenas, la Cotización por favor", "cotizaciones de ayer"
    day = days[new].date()
    assert found(seller, "coti", person=sofia)[1] == [old]
    assert found(seller, "coti", person=simon)[1] == [new]
    assert found(seller, "coti", **{"from": str(day - timedelta(days=1))})[1] == [new]
    assert found(seller, "coti", to=str(day - timedelta(days=1)))[1] == [old]
    assert found(seller, "coti", kind="image")[1] == []
    assert found(seller, "coti", kind="text")[1] == [new, old]
    assert found(seller, "coti", channel=told.house.channel_id)[1] == [new, old]
    assert found(seller, "coti", channel=new_id())[1] == []
    assert found(
        seller, "coti", person="nobody", kind="?", channel="x", to="ayer", **{"from": "9999-99-99", "in": "y"}
    )[1] == [new, old]
    assert found(seller, "coti", to="9999-12-31")[1] == [new, old]


def test_one_conversation_is_searched_alone(told, seller, rows):
    with as_tenant(told.house.id):
        one = db.session.scalar(
            sa.select(Message.conversation_id).where(Message.body == "cotizaciones de ayer")
        )
        db.session.rollback()
    assert found(seller, "coti", **{"in": one}) == ([], ["cotizaciones de ayer"])


def test_what_was_found_is_paged_without_gaps(archive, seller):
    archive.talk("Eva Ruiz", "+573001112233", *[f"aguja {n:03d}" for n in range(75)])
    page, seen = seller.get("/inbox/search?q=aguja").text, []
    while True:
        seen += re.findall(r"<mark>aguja</mark> (\d+)", page)
        more = re.search(r'hx-get="([^"]+hits=[^"]+)"', page)
        if not more:
            break
        page = seller.get(more.group(1).replace("&amp;", "&")).text
    assert seen == [f"{n:03d}" for n in reversed(range(75))]


def test_people_come_eight_at_first_then_more(archive, seller):
    for number in range(31):
        archive.talk(f"Eva Ruiz{number}", f"+5730011122{number:02d}", "hola", is_open=number % 2 == 0)
    page, seen = seller.get("/inbox/search?q=eva").text, []
    assert page.count("found-person") - page.count('id="found-person') == 8
    while True:
        seen += re.findall(r"</mark> Ruiz(\d+)<", page)
        more = re.search(r'hx-get="([^"]+people=[^"]+)"', page)
        if not more:
            break
        page = seller.get(more.group(1).replace("&amp;", "&")).text
    assert [int(n) for n in seen] == [*range(30, -1, -2), *range(29, 0, -2)]


def test_a_long_history_is_searched_to_its_beginning(archive, seller, owner):
    """More messages than are walked through: drawers of weeks, an hour apart each, hold the rest."""
    conversation = archive.talk("Eva Ruiz", "+573001112233", "aguja del principio")
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO messages (id, tenant_id, conversation_id, channel_id, direction, kind, sender, body, payload,"
                " status, version, occurred_at, retry_count) SELECT gen_random_uuid(), :tenant, :conversation, :channel,"
                " 'inbound', 'text', 'customer', CASE WHEN n % 400 = 0 THEN 'aguja ' || n ELSE 'paja ' || n END, '{}',"
                " 'received', n, now() - n * interval '1 hour', 0 FROM generate_series(1, 6000) n"
            ),
            {
                "tenant": archive.house.id,
                "conversation": conversation.id,
                "channel": archive.house.channel_id,
            },
        )
    assert found(seller, "aguja")[1] == [
        *[f"aguja {n}" for n in range(400, 6001, 400)],
        "aguja del principio",
    ]
    assert found(seller, "aguja principio")[1] == ["aguja del principio"]
    assert found(seller, "paja 5999")[1] == ["paja 5999"]
    assert found(seller, "camello")[1] == []


@pytest.fixture
def alone(app, archive) -> Person:
    """Simón, who may see only what is his."""
    with as_tenant(archive.house.id):
        simon = archive.user("seller2@acme.test")
        for name in ("conversations.all", "conversations.unassigned"):
            db.session.add(
                UserPermission(tenant_id=archive.house.id, user_id=simon, permission=name, effect="revoke")
            )
        db.session.commit()
    return Person(app, "seller2@acme.test")


def test_who_may_see_only_their_own_finds_only_their_own(told, alone):
    assert found(alone, "coti") == ([], ["cotizaciones de ayer"])
    assert found(alone, "0143") == ([], [])
    assert found(alone, "ingrid") == ([], [])
    assert found(alone, "apuro") == ([], [])
    assert found(alone, "oscar") == (["Óscar Núñez"], [])


def test_with_unassigned_one_finds_these_too(app, told, alone):
    with as_tenant(told.house.id):
        db.session.execute(
            sa.delete(UserPermission).where(UserPermission.permission == "conversations.unassigned")
        )
        db.session.commit()
    assert found(alone, "apuro")[1] == ["sin apuro"]
    assert found(alone, "zoe")[0] == ["Zoe Díaz"]
    assert found(alone, "envio")[1] == []


def test_many_conversations_of_ones_own_are_searched_like_a_house(told, alone, owner):
    """Beyond three hundred the doors stop counting and filter instead; the answer is the same."""
    with owner.begin() as connection:
        given = {"tenant": told.house.id, "channel": told.house.channel_id}
        connection.execute(
            sa.text(
                "WITH l AS (INSERT INTO leads (id, tenant_id, first_name, last_name, profile_name, opt_in, is_blocked)"
                " SELECT gen_random_uuid(), :tenant, 'Eva', 'Ruiz', '', true, false"
                " FROM generate_series(1, 1100) RETURNING id)"
                " INSERT INTO conversations (id, tenant_id, lead_id, channel_id, assigned_to, status, is_open, priority,"
                " version, message_count, unread_count, last_message_at, last_message_kind, last_message_preview,"
                " last_message_direction, last_message_status, transfer_count, requires_attention, pair_backoff)"
                " SELECT gen_random_uuid(), :tenant, l.id, :channel, (SELECT id FROM users WHERE email = 'seller2@acme.test'),"
                " 'active', true, 'normal', 0, 0, 0, now(), 'text', '', 'inbound', 'received', 0, false, 0 FROM l"
            ),
            given,
        )
    assert found(alone, "coti") == ([], ["cotizaciones de ayer"])
    assert found(alone, "ingrid") == ([], [])
    assert found(alone, "0143") == ([], [])
    assert found(alone, "oscar")[0] == ["Óscar Núñez"]
    assert len(found(alone, "eva")[0]) == 8


def test_rival_finds_nothing(told, rival):
    for query in ("coti", "ingrid", "0143", "xilofono", '"la cotización"', "de", "nandu"):
        assert found(rival, query) == ([], [])


HOSTILE = (
    "'", "''", '"', '"""', "\\", "a\\", "&", "|", "!", "a & b", "a:*", ":*", "((", ")(", "<->", "'a' & 'b'", "%", "_",
    "😀", "👩\u200d👧", "¿?", "...", "--", "/*", "$$", "\x00", "a\x00b", "\x1f", "p0143:*", "0" * 200, "a" * 10_000,
    "ñ " * 5000, '" "', "“a”", "«»", "http://", "x@", "'; DROP TABLE messages; --", "{}", "[1]", "\u0301", "ﬁ", "İ", "\u202e",
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_nothing_that_is_typed_is_an_error(told, seller, query):
    seller.get("/inbox/search", query_string={"q": query})
    seller.get("/inbox", query_string={"q": query})


@given(st.text(max_size=60) | st.lists(st.sampled_from([*SECRETS, *HOSTILE]), max_size=4).map(" ".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_whatever_is_typed_neither_breaks_nor_shows_what_is_anothers(told, rival, seller, query):
    seller.get("/inbox/search", query_string={"q": query})
    page = rival.get("/inbox/search", query_string={"q": query}).text
    assert 'class="row ' not in page


@pytest.mark.parametrize("cursor", ["x", "o", "oAAAA", "c%00", "zMjAyNg", "a" * 3000])
def test_forged_cursors_are_not_found(told, seller, cursor):
    seller.get(f"/inbox/search/people?q=eva&people={cursor}", expect=404)
    seller.get(f"/inbox/search/messages?q=eva&hits={cursor}", expect=404)


def test_the_page_holds_the_search_so_that_reload_and_a_link_do(told, seller):
    page = seller.get("/inbox?q=ingrid").text
    assert 'value="ingrid"' in page
    assert "<mark>Íngrid</mark> Peña" in page
    assert re.search(r'<section class="inbox-list search"[^>]*(?<!hidden)>', page)
    assert re.search(r'<section class="inbox-list search"[^>]* hidden>', seller.get("/inbox").text)
    assert '<form class="search-head" id="search-form" action="/inbox" method="get"' in page


def test_nothing_found_says_what_to_try(told, seller):
    assert "Prueba con menos palabras" in seller.get("/inbox/search?q=camello").text
    assert "Quitar los filtros" in seller.get("/inbox/search?q=coti&kind=image").text
    assert "Busca en todo el historial" in seller.get("/inbox/search?q=").text


@pytest.mark.parametrize(
    ("url", "most"),
    [("/inbox/search?q=coti", 7), ("/inbox/search/messages?q=coti", 3), ("/inbox/search/people?q=eva", 3)],
)
def test_a_search_costs_the_same_queries_however_much_it_finds(told, seller, url, most):
    told.talk("Eva Ruiz", "+573001112233", *[f"cotización {n}" for n in range(40)])
    seller.get(url)
    with counted_queries() as seen:
        seller.get(url)
    assert len(seen) <= most, seen
