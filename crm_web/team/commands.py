"""`flask user …`: what an operator does with people."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.errors import DomainError
from crm_web.core.tenancy import as_tenant
from crm_web.team.operations import create_user
from crm_web.team.permissions import SYSTEM_ROLES

user_commands = AppGroup("user", help="People: create.")


@user_commands.command("create")
@click.argument("email")
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option("--role", type=click.Choice(list(SYSTEM_ROLES)), default="seller", show_default=True)
@click.option("--first-name", required=True)
@click.option("--last-name", default="")
@click.password_option(help="Asked for when not given.")
def create(email: str, slug: str, role: str, first_name: str, last_name: str, password: str) -> None:
    """Add a person to a tenant."""
    tenant_id = db.session.scalar(sa.text("SELECT id FROM all_tenants() WHERE slug = :slug"), {"slug": slug})
    if tenant_id is None:
        raise click.ClickException(f"no tenant has the slug {slug}; `flask tenant list` shows them")
    with as_tenant(tenant_id):
        try:
            user = create_user(
                email=email, password=password, first_name=first_name, last_name=last_name, role=role
            )
            commit()
        except DomainError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{user.email} {role}")


def init_app(app: Flask) -> None:
    app.cli.add_command(user_commands)
