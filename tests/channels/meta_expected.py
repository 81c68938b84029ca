"""What every payload of the corpus means: its name, and the class and fields of each item in it."""

from datetime import UTC, datetime

from crm_web.channels.normal import (
    AccountChange,
    Author,
    Echo,
    Edit,
    IdentityChange,
    InboundMessage,
    Media,
    Preference,
    Reaction,
    Revoke,
    Status,
)

AT = datetime(2026, 11, 25, 9, 46, 40, tzinfo=UTC)
ACME, ACME_WABA = "100000000000001", "200000000000001"
ANA = Author(phone="573105550142", bsuid="CO.10238845577", name="Ana María Restrepo")
ANA_SHORT = Author(phone="573105550142", bsuid="CO.10238845577", name="Ana")
ANA_NAMELESS = Author(phone="573105550142", bsuid="CO.10238845577")
HIDDEN = Author(bsuid="CO.77120000001", username="anamaria.r", name="Ana")
OURS = "wamid.HBgMNTczMTA1NTUwMTQyFQIAERgSQURCRTAwMDEA"
THEIRS = "wamid.HBgMNTczMTA1NTUwMTQyFQIAEhgg"
SHA = "kbV3oXnYp9Y0c1l2Jq7mS5u8wE4rT6z0aDfGhJkLzXc="


def said(kind, body="", author=ANA, **more):
    return InboundMessage, {"kind": kind, "body": body, "author": author, "occurred_at": AT, **more}


def unsupported(kind, author=ANA, **payload):
    return said("unsupported", author=author, media=None, payload={"type": kind, **payload})


def chosen(kind, key, title, description="", response=None, **more):
    payload = {"type": kind, "id": key, "title": title, "description": description, "response": response}
    return said("choice", title, payload=payload, **more)


def file(kind, key, mime, **more):
    return Media(kind, provider_id=key, mime=mime, sha256=SHA, **more)


def became(state, target="wamid.OUTS1", recipient=ANA_SHORT, **more):
    return Status, {"state": state, "target": target, "recipient": recipient, "occurred_at": AT, **more}


def news(field, summary, account=ACME_WABA, kind="waba", at=AT, **more):
    expected = {
        "field": field,
        "summary": summary,
        "account": account,
        "account_kind": kind,
        "occurred_at": at,
    }
    return AccountChange, {**expected, **more}


def template(field, summary):
    return [news(field, f"bienvenida_v2 · es_MX{summary}")]


def number_news(field, summary):
    return [news(field, summary, ACME, "phone", None)]


MESSAGES = {
    "message_text": [
        said("text", "Hola, ¿el apartamento de Chapinero sigue disponible? 🏠", payload={}, media=None)
    ],
    "message_text_empty": [said("text", "")],
    "message_text_script": [
        said(
            "text",
            "<script>alert('hola')</script> {{ 7*7 }}",
            Author(phone="573105550142", bsuid="CO.10238845577", name="<b>Ana</b>"),
        )
    ],
    "message_text_reply": [said("text", "Sí, ese", reply_to=OURS, forwarded=False)],
    "message_text_forwarded": [said("text", "Miren este lote", forwarded=True, reply_to=None)],
    "message_text_forwarded_often": [
        said("text", "Cadena", forwarded=True, payload={"frequently_forwarded": True})
    ],
    "message_text_product_question": [
        said(
            "text",
            "¿Cuánto vale?",
            payload={
                "referred_product": {"catalog_id": "194836987003835", "product_retailer_id": "apto-301"}
            },
        )
    ],
    "message_text_group": [
        said("text", "Buenos días a todos", group_id="Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM")
    ],
    "message_text_long_name": [
        said(
            "text",
            "x" * 5000,
            Author(phone="573105550142", bsuid="CO.10238845577", name=("Ñandú " * 80).strip()[:250].strip()),
        )
    ],
    "message_text_nul_and_surrogate": [
        said(
            "text",
            "ab \ufffd fin 😀",
            Author(phone="573105550142", bsuid="CO.10238845577", name="Ana \ufffd"),
        )
    ],
    "message_image": [
        said(
            "image",
            "La fachada",
            media=file(
                "image",
                "1003383421387256",
                "image/jpeg",
                url="https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1003383421387256",
            ),
        )
    ],
    "message_video": [said("video", "Recorrido", media=file("video", "1003383421387257", "video/mp4"))],
    "message_audio_voice": [said("audio", media=file("audio", "1003383421387258", "audio/ogg", voice=True))],
    "message_audio_file": [said("audio", media=file("audio", "1003383421387259", "audio/mpeg"))],
    "message_document": [
        said(
            "document",
            "Firmada",
            media=file(
                "document",
                "1003383421387260",
                "application/pdf",
                filename="../../Promesa de compraventa.pdf",
            ),
        )
    ],
    "message_sticker": [
        said("sticker", media=file("sticker", "1003383421387261", "image/webp", animated=True))
    ],
    "message_location_pin": [said("location", payload={"latitude": 4.648283, "longitude": -74.063568})],
    "message_location_place": [said("location", "Parque de la 93, Calle 93A # 13, Bogotá")],
    "message_contacts": [said("contacts", "Luis Pardo, Marta")],
    "message_contacts_requested": [
        said(
            "contacts",
            "Ana",
            Author(bsuid="CO.77120000001", username="anamaria.r", name="Ana María Restrepo"),
            reply_to=OURS,
        )
    ],
    "message_contacts_shared_vcard": [said("contacts", "Oficina")],
    "message_order": [said("order", "Para el sábado")],
    "message_unsupported": [said("unsupported")],
    "message_unsupported_companion": [said("unsupported")],
    "message_request_welcome": [unsupported("request_welcome")],
    "message_ephemeral": [unsupported("ephemeral")],
    "message_of_tomorrow": [unsupported("hologram", data={"id": "42", "depth": 3})],
    "message_without_type": [unsupported("")],
}
CHOICES = {
    "message_button": [chosen("button", "camp-12:row-88", "Me interesa", reply_to=OURS)],
    "message_button_without_context": [chosen("button", "Me interesa", "Me interesa", reply_to=None)],
    "message_interactive_button_reply": [chosen("button_reply", "visita:si", "Sí, agendar")],
    "message_interactive_list_reply": [
        chosen("list_reply", "zona:chapinero", "Chapinero", "Desde 320 millones")
    ],
    "message_interactive_flow": [
        chosen(
            "nfm_reply",
            "flow",
            "Sent",
            response={"flow_token": "enr-881", "presupuesto": "350000000", "zonas": ["Chapinero", "Usaquén"]},
        )
    ],
    "message_interactive_flow_broken": [chosen("nfm_reply", "flow", "Sent", response='{"presupuesto": 35')],
    "message_interactive_address": [
        chosen("nfm_reply", "address_message", "Cra 7 # 71-21", response={"values": {"city": "Bogotá"}})
    ],
    "message_interactive_call_permission": [
        chosen(
            "call_permission_reply",
            "accept",
            "accept",
            response={
                "response": "accept",
                "is_permanent": False,
                "expiration_timestamp": 1796200000,
                "response_source": "user_action",
            },
        )
    ],
    "message_interactive_missing": [said("unsupported")],
    "message_interactive_unknown": [
        unsupported("interactive", data={"type": "hologram_reply", "hologram_reply": "?"})
    ],
}
ON_MESSAGES = {
    "message_reaction": [(Reaction, {"target": OURS, "emoji": "👍🏽", "author": ANA})],
    "message_reaction_removed": [(Reaction, {"target": OURS, "emoji": None})],
    "message_reaction_removed_empty": [(Reaction, {"target": OURS, "emoji": None})],
    "message_edit": [(Edit, {"external_id": THEIRS + "EDIT01", "target": THEIRS + "TEXT01", "author": ANA})],
    "message_edit_caption": [(Edit, {"target": THEIRS + "IMAGE1"})],
    "message_revoke": [(Revoke, {"target": THEIRS + "TEXT01", "from_business": False})],
}
PEOPLE = {
    "person_bsuid_only": [said("text", "Hola, escribo por el anuncio", HIDDEN)],
    "person_empty_phone": [
        said(
            "text",
            "Hola",
            Author(bsuid="CO.77120000001", parent_bsuid="CO.ENT.5001", username="anamaria.r", name="Ana"),
        )
    ],
    "person_phone_only": [said("text", "Hola", Author(phone="573105550142", name="Ana María Restrepo"))],
    "person_mexico": [said("text", "Qué tal", Author("5215512345678", "MX.31", name="Lupita"))],
    "person_brazil": [said("text", "Oi", Author("553187654321", name="João"))],
    "person_argentina": [said("text", "Che, buenas", Author("5491123456789", "AR.54", name="Sofía"))],
    "person_without_contact": [said("text", "Hola", ANA_NAMELESS)],
    "person_two_contacts": [
        said("text", "Soy Ana", ANA_SHORT),
        said("text", "Soy Beto", Author("573115550199", "CO.2", name="Beto")),
        said("text", "Soy otro", Author("573005550000", "CO.3")),
    ],
    "referral_ad": [said("text", "Quiero más información")],
    "referral_post": [said("image", media=file("image", "1003383421387299", "image/jpeg"))],
    "system_changed_number": [
        (
            IdentityChange,
            {
                "previous_bsuid": "CO.10238845577",
                "new_bsuid": "CO.20999999999",
                "previous_phone": "573105550142",
                "new_phone": "573205550188",
                "body": "Ana cambió de 573105550142 a 573205550188",
            },
        )
    ],
    "system_changed_number_old": [
        (IdentityChange, {"previous_phone": "573105550142", "new_phone": "573205550188", "new_bsuid": None})
    ],
    "system_changed_user_id": [
        (
            IdentityChange,
            {
                "previous_bsuid": "CO.10238845577",
                "new_bsuid": "CO.20999999999",
                "previous_phone": None,
                "new_phone": None,
                "author": Author(bsuid="CO.20999999999", parent_bsuid="CO.ENT.5002"),
            },
        )
    ],
    "system_identity_changed": [
        said("system", "La identidad del cliente cambió", Author(phone="573105550142"))
    ],
    "field_user_id_update": [
        (IdentityChange, {"previous_bsuid": "CO.10238845577", "new_bsuid": "CO.20999999999"})
    ],
    "field_user_preferences": [
        (Preference, {"value": "stop", "category": "marketing_messages", "author": ANA, "occurred_at": AT}),
        (Preference, {"value": "resume", "author": Author(bsuid="CO.77120000001")}),
    ],
}
OUTBOUND = {
    "status_sent": [became("sent", client_ref="0193a7c2-0001", error=None)],
    "status_delivered": [became("delivered", client_ref="0193a7c2-0001")],
    "status_read": [became("read", client_ref=None, pricing=None, conversation=None)],
    "status_played": [became("played")],
    "status_deleted_old": [became("deleted")],
    "status_failed_without_contacts": [
        became(
            "failed",
            "wamid.OUTF1",
            Author(phone="573105550142"),
            client_ref="0193a7c2-0002",
            error={
                "code": 131026,
                "title": "Message undeliverable",
                "details": "Message Undeliverable.",
                "reaction": "permanent",
                "sentence": "El número no está en WhatsApp o no puede recibir mensajes.",
            },
        )
    ],
    "status_failed_optout": [became("failed", "wamid.OUTF2", Author(bsuid="CO.77120000001"))],
    "status_bsuid_only": [
        became(
            "delivered",
            "wamid.OUTB1",
            Author(bsuid="CO.77120000001", parent_bsuid="CO.ENT.5001", username="anamaria.r", name="Ana"),
        )
    ],
    "status_group": [
        became("read", "wamid.OUTG1", Author("573105550142", "CO.1"), group_id="Y2FwaV9ncm91cDox"),
        became("read", "wamid.OUTG1", Author("573115550199", "CO.2"), group_id="Y2FwaV9ncm91cDox"),
    ],
    "echoes": [
        (Echo, {"to": ANA}),
        (Echo, {"to": ANA}),
        (Reaction, {"target": THEIRS + "TEXT01", "emoji": "❤️", "from_business": True}),
        (Revoke, {"target": "wamid.ECHO1", "from_business": True}),
    ],
    "calls_by_customer": [
        said("call", external_id="wacid.HBgC1:connect"),
        (InboundMessage, {"kind": "call", "external_id": "wacid.HBgC1:terminate", "author": ANA}),
    ],
    "calls_by_business": [
        *number_news("calls", "connect · BUSINESS_INITIATED"),
        *number_news("calls", "RINGING"),
    ],
    "value_error": number_news("errors", "130429 · Rate limit hit"),
}
STATUS_UPDATE, QUALITY_UPDATE = "message_template_status_update", "message_template_quality_update"
NEWS = {
    "field_template_approved": template(STATUS_UPDATE, " · APPROVED"),
    "field_template_rejected": template(STATUS_UPDATE, " · REJECTED · INVALID_FORMAT"),
    "field_template_paused": template(STATUS_UPDATE, " · PAUSED"),
    "field_template_disabled": template(STATUS_UPDATE, " · DISABLED"),
    "field_template_quality": template(QUALITY_UPDATE, " · GREEN · YELLOW"),
    "field_template_quality_mislabelled": template(QUALITY_UPDATE, " · YELLOW · RED"),
    "field_template_category_done": template("template_category_update", " · UTILITY · MARKETING"),
    "field_template_category_announced": template("template_category_update", " · UTILITY · MARKETING"),
    "field_template_components": template("message_template_components_update", ""),
    "field_phone_quality": [
        news("phone_number_quality_update", "573000000001 · THROUGHPUT_UPGRADE · TIER_UNLIMITED · -1")
    ],
    "field_phone_quality_old": [news("phone_number_quality_update", "573000000001 · FLAGGED · TIER_10K")],
    "field_phone_name": [
        news("phone_number_name_update", "573000000001 · REJECTED · Nogal · NAME_REPRESENTS_GENERIC")
    ],
    "field_capability_text": [news("business_capability_update", "2000 · 20")],
    "field_capability_number": [news("business_capability_update", "2000 · 25")],
    "field_capability_unlimited": [news("business_capability_update", "-1")],
    "field_capability_unknown": [news("business_capability_update", "TIER_GALACTIC")],
    "field_account_review": [news("account_review_update", "APPROVED")],
    "field_account_deleted": [news("account_update", "ACCOUNT_DELETED")],
    "field_account_violation": [news("account_update", "ACCOUNT_VIOLATION · SCAM")],
    "field_account_restriction": [
        news("account_update", "ACCOUNT_RESTRICTION · RESTRICTED_BIZ_INITIATED_MESSAGING · 1796200000")
    ],
    "field_account_ban": [
        news("account_update", "DISABLED_UPDATE · SCHEDULE_FOR_DISABLE · November 30, 2026")
    ],
    "field_account_partner_removed": [news("account_update", f"PARTNER_REMOVED · {ACME_WABA}")],
    "field_account_volume_tier": [
        news("account_update", "VOLUME_BASED_PRICING_TIER_UPDATE · UTILITY · 100001:300000")
    ],
    "field_account_offboarded": [news("account_update", "ACCOUNT_OFFBOARDED")],
    "field_account_alert": [
        news(
            "account_alerts",
            "WARNING · INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED · Complete la verificación del negocio.",
        )
    ],
    "field_security": [news("security", "573000000001 · PIN_RESET_REQUEST · 61555822107539")],
    "field_flows": [news("flows", "ENDPOINT_ERROR_RATE · El formulario falla")],
    "field_payment_configuration": [news("payment_configuration_update", "payment_configuration_update")],
    "field_partner_solutions": [news("partner_solutions", "SOLUTION_CREATED")],
    "field_automatic_events": [news("automatic_events", "automatic_events")],
    "field_unheard_of": [news("something_new_2027", "HELLO")],
    "field_app_state_sync": number_news("smb_app_state_sync", "smb_app_state_sync"),
    "field_history": number_news("history", "0 · 55"),
    "field_history_refused": number_news("history", "2593109 · History sync is turned off by the business"),
    "field_group_participants": number_news(
        "group_participants_update", "group_participants_add · Y2FwaV9ncm91cDox"
    ),
    "field_group_lifecycle": number_news(
        "group_lifecycle_update", "group_create · Y2FwaV9ncm91cDox · Vecinos del Nogal"
    ),
    "field_group_settings": number_news(
        "group_settings_update", "group_settings_update · Y2FwaV9ncm91cDox · Vecinos"
    ),
    "field_group_status": number_news("group_status_update", "group_suspend · Y2FwaV9ncm91cDox"),
}
EXPECTED = MESSAGES | CHOICES | ON_MESSAGES | PEOPLE | OUTBOUND | NEWS
