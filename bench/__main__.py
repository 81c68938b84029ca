"""`python -m bench [--only NAME] [--scale S]`: run the benches, print the table, write `bench/results.json`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from bench import fanout, inbox, ingest, outbox
from bench.harness import Row, keep, machine, print_table
from crm_web.ops.embedded import postgres_bin

BENCHES = {bench.name: bench for bench in (*ingest.BENCHES, *outbox.BENCHES, *inbox.BENCHES, *fanout.BENCHES)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--only", choices=sorted(BENCHES), action="append", help="run this one (may be repeated)"
    )
    parser.add_argument(
        "--scale", type=float, default=0.1, help="of a million conversations and ten million messages (inbox)"
    )
    given = parser.parse_args()
    os.environ["CRM_BENCH_SCALE"] = str(given.scale)
    chosen = given.only or list(BENCHES)
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(machine(postgres_bin(), Path(folder))))
    rows: list[Row] = []
    for name in chosen:
        print(f"… {name}", flush=True)
        rows += BENCHES[name].run()
    print_table(rows)
    keep(rows)


if __name__ == "__main__":
    main()
