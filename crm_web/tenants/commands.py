"""`flask tenant …`: what an operator does with tenants."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.errors import DomainError
from crm_web.tenants.models import PLANS
from crm_web.tenants.operations import create_tenant

tenant_commands = AppGroup("tenant", help="Tenants: create and list.")


@tenant_commands.command("create")
@click.argument("name")
@click.option("--slug", required=True, help="Short name in a-z, 0-9 and -.")
@click.option("--plan", type=click.Choice(list(PLANS)), default="basic", show_default=True)
@click.option("--timezone", default="America/Bogota", show_default=True)
@click.option("--currency", default="COP", show_default=True)
def create(name: str, slug: str, plan: str, timezone: str, currency: str) -> None:
    """Make a tenant with its roles and everything a tenant starts with."""
    try:
        tenant = create_tenant(name, slug, plan=plan, timezone=timezone, currency=currency)
        commit()
    except (DomainError, sa.exc.IntegrityError) as error:
        raise click.ClickException(str(getattr(error, "orig", error))) from None
    click.echo(f"{tenant.slug} {tenant.id}")


@tenant_commands.command("list")
def list_all() -> None:
    """Every tenant: slug, plan, status, name."""
    for row in db.session.execute(
        sa.text("SELECT id, slug, plan, status, name FROM all_tenants() ORDER BY slug")
    ):
        click.echo(f"{row.slug}\t{row.plan}\t{row.status}\t{row.name}")


def init_app(app: Flask) -> None:
    app.cli.add_command(tenant_commands)
