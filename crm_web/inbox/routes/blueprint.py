"""The one blueprint of the inbox; the files beside this one hang their addresses on it."""

from flask import Blueprint

from crm_web.core.db import new_id

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
bp.add_app_template_global(new_id, "fresh_id")
