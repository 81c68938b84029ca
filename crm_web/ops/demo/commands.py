"""`flask demo seed`: fills an empty installation with two businesses that look as if they had been open for months."""

from __future__ import annotations

import time

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import AppGroup

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.ops.demo.build import seed
from crm_web.ops.demo.businesses import BUSINESSES
from crm_web.ops.demo.clear import clear

demo_commands = AppGroup("demo", help="The demonstration's data.")


@demo_commands.command("seed")
@click.option(
    "--scale",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="How many helpings of customers.",
)
@click.option("--force", is_flag=True, help="Throw the two demo businesses away and make them anew.")
def seed_command(scale: int, force: bool) -> None:
    """Make the two demo businesses, unless there is any tenant already."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("CRM_DEMO: is 0, so no demo data is made")
    slugs = [row.slug for row in db.session.execute(sa.text("SELECT slug FROM all_tenants() ORDER BY slug"))]
    db.session.rollback()
    if slugs and not force:
        click.echo(f"nothing to do: there are tenants already ({', '.join(slugs[:5])})")
        return
    clear({business.slug for business in BUSINESSES} & set(slugs))
    began = time.monotonic()
    for counts in seed(scale, now()):
        click.echo(
            f"{counts.slug}: {counts.leads} leads, {counts.conversations} conversations, {counts.messages} messages"
        )
    click.echo(f"demo data made in {time.monotonic() - began:.1f} s")


def init_app(app: Flask) -> None:
    app.cli.add_command(demo_commands)
