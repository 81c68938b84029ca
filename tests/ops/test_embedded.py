"""The servers of `make run` and of these very tests: who may do what, and what survives which end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm_web.ops.embedded import Embedded
from crm_web.ops.processes import OperationError, processes_in, wait_until

HOLD = """
import sys, time
from crm_web.ops.embedded import Embedded
with Embedded(sys.argv[1]):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="module")
def servers(data_dir: Path) -> Iterator[Embedded]:
    with Embedded(data_dir) as embedded:
        yield embedded


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def test_the_application_owns_nothing_and_bypasses_nothing(servers: Embedded) -> None:
    powers = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole"
    assert ask(servers.database_url, f"SELECT {powers} FROM pg_roles WHERE rolname = current_user") is False
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(servers.database_url, "CREATE TABLE theirs (id int)")


def test_the_owner_owns_database_and_schema(servers: Embedded) -> None:
    assert (
        ask(servers.owner_url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'crm'")
        == "crm_owner"
    )
    assert (
        ask(servers.owner_url, "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'")
        == "crm_owner"
    )
    assert ask(servers.owner_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_nobody_enters_without_the_password(servers: Embedded) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(f"postgresql://postgres:guess@127.0.0.1:{servers.postgres.port}/crm", "SELECT 1")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=servers.redis.port, retry=Retry(NoBackoff(), 0)).ping()


def test_passwords_are_for_our_eyes_and_not_on_a_command_line(servers: Embedded, data_dir: Path) -> None:
    assert (data_dir / "servers.json").stat().st_mode & 0o777 == 0o600
    for pid in processes_in(data_dir / "redis") + processes_in(data_dir / "postgres"):
        line = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(password in line for password in servers.postgres.passwords.values())


def test_servers_never_run_as_root(servers: Embedded) -> None:
    owners = {Path(f"/proc/{server.pid}").stat().st_uid for server in servers.servers}
    assert 0 not in owners


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
def test_what_was_committed_survives_every_stop(servers: Embedded, mode: str) -> None:
    port = servers.postgres.port
    ask(servers.owner_url, f"CREATE TABLE kept_{mode} AS SELECT 1")
    servers.stop_postgres(mode)
    servers.start_postgres()
    assert ask(servers.owner_url, f"SELECT count(*) FROM kept_{mode}") == 1
    assert servers.postgres.port == port


@pytest.mark.parametrize("mode", ["fast", "kill"])
def test_what_redis_answered_it_remembers(servers: Embedded, mode: str) -> None:
    with redis.Redis.from_url(servers.redis_url) as client:
        client.set("kept", mode)
    servers.stop_redis(mode)
    servers.start_redis()
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.get("kept") == mode.encode()


def test_a_server_that_died_is_started_again(servers: Embedded) -> None:
    os.kill(servers.postgres.pid, signal.SIGKILL)
    wait_until(lambda: not servers.postgres.running, 5)
    assert servers.revive() == ["PostgreSQL"]
    assert ask(servers.database_url, "SELECT 1") == 1


def test_a_second_start_on_the_same_directory_says_who_has_it(servers: Embedded, data_dir: Path) -> None:
    with pytest.raises(OperationError, match=f"in use by process {os.getpid()}"), Embedded(data_dir):
        pass


def hold(data_dir: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "up\n"
    child.stdout.close()
    return child


def test_kill_9_of_the_parent_leaves_nothing_and_the_next_start_works_at_once(tmp_path: Path) -> None:
    child = hold(tmp_path)
    child.kill()
    child.wait()
    with Embedded(tmp_path) as again:
        assert ask(again.database_url, "SELECT 1") == 1
    assert wait_until(lambda: not processes_in(tmp_path / "postgres") + processes_in(tmp_path / "redis"), 10)


def test_a_stale_pid_file_and_lost_passwords_do_not_stop_a_start(tmp_path: Path) -> None:
    with Embedded(tmp_path, redis=False) as first:
        ask(first.owner_url, "CREATE TABLE kept AS SELECT 1")
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    (tmp_path / "servers.json").unlink()
    with Embedded(tmp_path, redis=False) as second:
        assert ask(second.owner_url, "SELECT count(*) FROM kept") == 1


def test_a_first_start_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with Embedded(tmp_path, redis=False, durable=False) as servers:
        assert ask(servers.database_url, "SELECT 1") == 1
    assert not half.exists()


def test_a_person_looking_into_the_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir(mode=0o700)
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path / "redis") as shell:
        with Embedded(tmp_path, postgres=False, durable=False):
            pass
        assert shell.poll() is None
        shell.kill()
