"""A row of the table, how it is printed and kept, and what the machine was like while it was measured."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass
class Row:
    """`limit` was measured in the same run and has the same unit; `ratio` is value over limit, where one is meant."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Bench:
    name: str
    run: Callable[..., list[Row]]


def against(name: str, value: float, unit: str, limit: float, note: str = "") -> Row:
    return Row(name, round(value, 2), unit, round(limit, 2), round(value / limit, 3) if limit else None, note)


def percentile(sorted_values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie (nearest rank)."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def latencies(name: str, seconds: Iterable[float], targets: dict[str, float], note: str = "") -> list[Row]:
    """p50, p95 and p99 in milliseconds; where a target is given it stands as the limit."""
    values = sorted(one * 1000 for one in seconds)
    rows = []
    for label, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
        target = targets.get(label)
        value = percentile(values, share)
        rows.append(
            against(f"{name} {label}", value, "ms", target, note)
            if target
            else Row(f"{name} {label}", round(value, 2), "ms", note=note)
        )
    return rows


def best_of(times: int, measure: Callable[[], float]) -> tuple[float, float]:
    """The best and the worst of several measurements."""
    values = [measure() for _ in range(times)]
    return max(values), min(values)


def quiet() -> None:
    """Let the disk finish what the last measurement left behind."""
    os.sync()
    time.sleep(2)


def machine(pg_bin: Path, folder: Path) -> list[str]:
    """What a reader needs to compare: cores, load, versions, and the price of one durable write."""
    cores = os.cpu_count()
    out = subprocess.run(
        [pg_bin / "pg_test_fsync", "-s", "1", "-f", folder / "fsync.test"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = re.search(r"fdatasync\s+([\d.]+) ops/sec", out)
    return [
        f"{platform.platform()}, Python {platform.python_version()}, {cores} cores, load {os.getloadavg()[0]:.2f}",
        f"fdatasync {found.group(1) if found else '?'} per second (8 kB writes)",
    ]


def print_table(rows: list[Row]) -> None:
    width = max((len(row.name) for row in rows), default=10)
    print(f"\n{'':{width}}  {'value':>12}  {'limit':>12}  {'ratio':>7}  note")
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:,.2f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        print(f"{row.name:{width}}  {row.value:>9,.2f} {row.unit:<4} {limit:>10}  {ratio:>7}  {row.note}")


def keep(rows: list[Row]) -> None:
    RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")


def mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)
