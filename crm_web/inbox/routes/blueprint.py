"""The blueprints of the inbox, its pages and its settings; the files beside this one hang their addresses on them."""

from datetime import datetime

from flask import Blueprint

from crm_web.core.db import new_id
from crm_web.inbox import pieces
from crm_web.inbox.amounts import money
from crm_web.inbox.named import by_mention

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
bp.add_app_template_global(new_id, "fresh_id")
bp.add_app_template_global(pieces.row, "shown_row")
bp.add_app_template_global(pieces.message, "shown_message")
bp.add_app_template_filter(datetime.fromisoformat, "moment")
bp.add_app_template_filter(money, "money")
bp.add_app_template_filter(by_mention, "by_mention")
settings_bp = Blueprint("inbox_settings", __name__, url_prefix="/settings")
