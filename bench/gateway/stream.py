"""What a hop adds to each chunk of a streamed answer, and how much memory a long answer takes."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import processes
from processes import Process
from targets import Target

CHUNKS = 500
BULK_BYTES = 10_000_000
SAMPLE_INTERVAL_S = 0.01
MAX_ADDED_US = 50.0
# Ten times less than the answer: it is not kept.
MAX_GROWTH_KIB = 1024


class StreamError(Exception):
    """A stream did not come as it was sent."""


@dataclass(frozen=True)
class Row:
    """The median delay of a chunk through a target, in microseconds, over all rounds."""

    target: str
    chunks: int
    median_us: float
    p99_us: float
    added_us: float


@dataclass(frozen=True)
class Bulk:
    """A long answer through a target: resident memory before it, and at most meanwhile."""

    target: str
    bytes: int
    seconds: float
    before_kib: int
    most_kib: int

    @property
    def growth_kib(self) -> int:
        return self.most_kib - self.before_kib


@dataclass(frozen=True)
class Streams:
    """All of it."""

    rows: list[Row]
    bulk: list[Bulk]

    def goals(self) -> list[tuple[str, bool]]:
        found = [(f"{row.target}: {row.added_us:.1f} us more a chunk at the median, less than "
                  f"{MAX_ADDED_US:.0f}", row.added_us < MAX_ADDED_US)
                 for row in self.rows if row.target == "mofa-full"]
        found += [(f"{one.target}: {one.growth_kib} KiB more for an answer of {one.bytes:,} bytes, "
                   f"at most {MAX_GROWTH_KIB}", one.growth_kib <= MAX_GROWTH_KIB)
                  for one in self.bulk if one.target == "mofa-full"]
        return found

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        lines = [f"{'target':<10} {'chunks':>7} {'median us':>10} {'p99 us':>8} {'added us':>9}"]
        lines += [f"{row.target:<10} {row.chunks:>7} {row.median_us:>10.1f} {row.p99_us:>8.1f} "
                  f"{row.added_us:>9.1f}" for row in self.rows]
        lines += [f"{one.target}: {one.bytes:,} bytes in {one.seconds:.2f} s, memory "
                  f"{one.before_kib / 1024:.1f} -> {one.most_kib / 1024:.1f} MiB"
                  for one in self.bulk]
        lines += [f"{'met' if is_met else 'MISSED'}: {text}" for text, is_met in self.goals()]
        return "\n".join(lines)


def server(folder: Path) -> tuple[int, Process]:
    """Starts the model server that streams."""
    port = processes.free_port()
    script = Path(__file__).with_name("paced.py")
    process = Process([sys.executable, "-B", str(script), str(port)], folder / "paced.log")
    process.wait_until_open(port)
    return port, process


def run(direct: int, targets: list[Target], rounds: int) -> Streams:
    """Streams through every target in turns; `direct` is the model server's port."""
    ports = {"direct": (direct, {})} | {one.name: (one.port, one.headers) for one in targets}
    delays: dict[str, list[float]] = {name: [] for name in ports}
    for number in range(rounds + 1):
        for name, (port, headers) in ports.items():
            found = chunk_delays(port, headers)
            print(f"{name:<10} {statistics.median(found):8.1f} us a chunk"
                  + ("" if number else "  (warm-up)"), file=sys.stderr)
            if number:
                delays[name] += found
    base = statistics.median(delays["direct"])
    rows = [Row(name, len(found), statistics.median(found),
                statistics.quantiles(found, n=100)[98], statistics.median(found) - base)
            for name, found in delays.items()]
    bulks = [bulk(one) for one in targets if one.name.startswith("mofa")]
    return Streams(rows, bulks)


def chunk_delays(port: int, headers: dict[str, str]) -> list[float]:
    """How many microseconds each chunk is under way, from being written to being read."""
    delays = []
    for line in events(port, headers, f"paced-{CHUNKS}"):
        arrived = time.monotonic_ns()
        if line.startswith(b"data: {"):
            delays.append((arrived - json.loads(line[6:])["created"]) / 1e3)
    if len(delays) < CHUNKS:
        raise StreamError(f"{len(delays)} events for {CHUNKS} chunks")
    return delays[1:CHUNKS]


def bulk(target: Target) -> Bulk:
    """One long answer."""
    for _ in events(target.port, target.headers, f"bulk-{BULK_BYTES // 10}"):
        pass
    before = processes.memory(target.process.pid).now
    begun, received = time.monotonic(), 0
    with processes.Sampler(target.process.pid, SAMPLE_INTERVAL_S) as sampler:
        for line in events(target.port, target.headers, f"bulk-{BULK_BYTES}"):
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:])["choices"]
                received += len(choices[0]["delta"].get("content") or "") if choices else 0
    if received < BULK_BYTES:
        raise StreamError(f"{target.name} sent {received} of {BULK_BYTES} bytes")
    most = max(kib for _, kib in sampler.samples)
    return Bulk(target.name, received, time.monotonic() - begun, before, most)


def events(port: int, headers: dict[str, str], model: str):  # noqa: ANN201
    """The lines of a streamed answer, as they come."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Go on."}]}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps(body),
                       {"Content-Type": "application/json"} | headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise StreamError(f"{model}: {answer.status} {answer.read()[:500]!r}")
    yield from answer
    connection.close()
