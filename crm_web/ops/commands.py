"""`flask doctor`, `flask crypto rotate`, `flask worker`, `flask scheduler`: what runs and mends an installation."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from crm_web.core import jobs, ticks
from crm_web.ops import doctor, rotation
from crm_web.ops.demo import commands as demo

MARKS = {"ok": ("ok", "green"), "look": ("look", "yellow"), "wrong": ("WRONG", "red")}
crypto_commands = AppGroup("crypto", help="Secrets at rest: rotate.")


@click.command("doctor")
@click.option("--channels", is_flag=True, help="Also ask every provider about every channel.")
@with_appcontext
def doctor_command(channels: bool) -> None:
    """Look at each part of this installation; says what to do, and exits with 1 when anything is wrong."""
    wrong = 0
    for name, finding in doctor.examine(with_channels=channels):
        word, colour = MARKS[finding.mark]
        click.echo(f"{click.style(f'{word:<6}', fg=colour)} {name:<11} {finding.what}")
        if finding.remedy:
            click.echo(f"{'':<18} -> {finding.remedy}")
        wrong += finding.mark == "wrong"
    click.echo("all is well" if not wrong else f"{wrong} to mend")
    sys.exit(1 if wrong else 0)


@crypto_commands.command("rotate")
def rotate() -> None:
    """Seal every secret of every tenant with the first of CRM_ENCRYPTION_KEYS. Can be stopped and run again."""
    newest = current_app.config["SETTINGS"].crm_encryption_keys.get_secret_value().split(",")[0].strip()
    lost = 0
    for tally in rotation.rotate_all(newest):
        counts = f"{tally.rewritten} rewritten, {tally.current} already current"
        click.echo(
            f"{tally.tenant}\t{tally.column}\t{counts}" + (f", {tally.lost} UNREADABLE" if tally.lost else "")
        )
        lost += tally.lost
    if lost:
        raise click.ClickException(
            f"{lost} secrets open with none of the keys: put the missing key back, or enter them anew"
        )
    click.echo("done: the older keys are no longer needed")


@click.command("worker")
@click.option(
    "--queue", type=click.Choice(jobs.QUEUES), required=True, help="The one queue this process works on."
)
@with_appcontext
def worker(queue: str) -> None:
    """Answer the bells of one queue until told to stop."""
    jobs.work(current_app._get_current_object(), queue)  # type: ignore[attr-defined]


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Do what is due by the clock until told to stop. Two of them do no harm."""
    ticks.run(current_app._get_current_object())  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    for command in (doctor_command, crypto_commands, worker, scheduler):
        app.cli.add_command(command)
    demo.init_app(app)
