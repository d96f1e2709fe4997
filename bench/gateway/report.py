"""What was measured, as a table or as JSON."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass

import load

MAX_RATIO = 6.0
MAX_RESIDENT_KIB = 64 * 1024


@dataclass(frozen=True)
class Round:
    """One run against one target."""

    target: str
    connections: int
    cpu_us: float
    figures: load.Figures


@dataclass(frozen=True)
class Row:
    """The medians of all rounds of a target at one number of connections."""

    target: str
    connections: int
    rounds: int
    requests: int
    cpu_us: float
    cpu_us_spread: tuple[float, float]
    ratio: float | None
    per_second: float
    p50_us: float
    p99_us: float
    resident_kib: int
    peak_kib: int


def rows(rounds: list[Round], memory: dict[str, tuple[int, int]]) -> list[Row]:
    """The table's rows: by connections, then in the order of measuring."""
    keys = list(dict.fromkeys((one.connections, one.target) for one in rounds))
    nginx = {
        connections: statistics.median(_cpu(rounds, "nginx", connections))
        for connections, target in keys if target == "nginx"
    }
    return [_row(rounds, target, connections, nginx.get(connections), memory)
            for connections, target in sorted(keys, key=lambda key: key[0])]


def _row(rounds: list[Round], target: str, connections: int, nginx: float | None,
         memory: dict[str, tuple[int, int]]) -> Row:
    own = [one for one in rounds if (one.target, one.connections) == (target, connections)]
    cpu = _cpu(rounds, target, connections)
    now, peak = memory.get(target, (0, 0))
    return Row(
        target=target, connections=connections, rounds=len(own),
        requests=sum(one.figures.requests for one in own),
        cpu_us=statistics.median(cpu), cpu_us_spread=(min(cpu), max(cpu)),
        ratio=statistics.median(cpu) / nginx if nginx else None,
        per_second=statistics.median(one.figures.per_second for one in own),
        p50_us=statistics.median(one.figures.p50_us for one in own),
        p99_us=statistics.median(one.figures.p99_us for one in own),
        resident_kib=now, peak_kib=peak)


def _cpu(rounds: list[Round], target: str, connections: int) -> list[float]:
    return [one.cpu_us for one in rounds
            if (one.target, one.connections) == (target, connections)]


HEAD = ("target", "conns", "CPU us/req", "(min..max)", "x nginx", "req/s", "p50 us", "p99 us",
        "RSS MiB", "peak MiB")


def table(all_rows: list[Row]) -> str:
    """Rows as text, columns aligned."""
    cells = [HEAD] + [_cells(row) for row in all_rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = []
    for line in cells:
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        lines.append("  ".join([line[0].ljust(widths[0]), *rest]))
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    low, high = row.cpu_us_spread
    return (row.target, str(row.connections), f"{row.cpu_us:.1f}", f"{low:.1f}..{high:.1f}",
            "" if row.ratio is None else f"{row.ratio:.2f}", f"{row.per_second:,.0f}",
            f"{row.p50_us:,.0f}", f"{row.p99_us:,.0f}", f"{row.resident_kib / 1024:.1f}",
            f"{row.peak_kib / 1024:.1f}")


def goals(all_rows: list[Row]) -> list[tuple[str, bool]]:
    """What the product promises of its full set-up, and whether it holds here; what was not
    measured does not hold."""
    full = [row for row in all_rows if row.target == "mofa-full"]
    if not full:
        return [("nothing could be measured: mofa-full is not among the targets", False)]
    told = [_processor_goal(row) for row in full]
    peak = max(row.peak_kib for row in full)
    limit = f"less than {MAX_RESIDENT_KIB // 1024}"
    if peak:
        told.append((f"{peak / 1024:.1f} MiB resident at most, {limit}", peak < MAX_RESIDENT_KIB))
    else:
        told.append((f"MiB resident could not be measured, {limit}", False))
    return told


def _processor_goal(row: Row) -> tuple[str, bool]:
    limit = f"at most {MAX_RATIO:g}"
    if row.ratio is None:
        return (f"{row.connections} connection(s): nginx's CPU per request could not be measured, "
                f"{limit} times as much is promised", False)
    return (f"{row.connections} connection(s): {row.ratio:.2f} x nginx's CPU per request, {limit}",
            row.ratio <= MAX_RATIO)


def as_json(facts: dict[str, str], all_rows: list[Row]) -> str:
    """Everything for programs."""
    told = [{"goal": text, "met": met} for text, met in goals(all_rows)]
    return json.dumps({"facts": facts, "rows": [asdict(row) for row in all_rows], "goals": told},
                      indent=2)
