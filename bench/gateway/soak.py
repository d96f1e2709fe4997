"""Many requests through one target, and how its memory goes."""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import load
import processes
import report
import traffic
from targets import Target

SLICE_S = 2
SAMPLE_INTERVAL_S = 0.1
# Buffers of an allocator come and go; a leak of 16 bytes a request shows as 3 MiB in 200,000.
MAX_GROWTH_KIB = 2048


@dataclass(frozen=True)
class Slice:
    """A few seconds of it: how many requests so far, and the memory meanwhile, in KiB."""

    requests: int
    median_kib: int
    max_kib: int


@dataclass(frozen=True)
class Soak:
    """All of it."""

    connections: int
    slices: list[Slice]
    peak_kib: int

    @property
    def growth_kib(self) -> int:
        """From the second quarter of all slices to the last: the first is warming up."""
        medians = [one.median_kib for one in self.slices]
        quarter = max(1, len(medians) // 4)
        return round(statistics.median(medians[-quarter:])
                     - statistics.median(medians[quarter:2 * quarter] or medians[-1:]))

    @property
    def is_flat(self) -> bool:
        return self.growth_kib <= MAX_GROWTH_KIB

    @property
    def is_small(self) -> bool:
        return self.peak_kib < report.MAX_RESIDENT_KIB

    def as_json(self) -> str:
        extra = {"growth_kib": self.growth_kib, "is_flat": self.is_flat, "is_small": self.is_small}
        return json.dumps(asdict(self) | extra, indent=2)

    def as_text(self) -> str:
        lines = ["  requests  median MiB  max MiB"]
        lines += [f"{one.requests:>10,}  {one.median_kib / 1024:>10.1f}  {one.max_kib / 1024:>7.1f}"
                  for one in self.slices]
        lines.append(f"{'met' if self.is_flat else 'MISSED'}: grew by {self.growth_kib} KiB from "
                     f"the second quarter to the last, at most {MAX_GROWTH_KIB}")
        lines.append(f"{'met' if self.is_small else 'MISSED'}: {self.peak_kib / 1024:.1f} MiB "
                     f"resident at most, less than {report.MAX_RESIDENT_KIB // 1024}")
        return "\n".join(lines)


def run(target: Target, folder: Path, requests: int, connections: int) -> Soak:
    """Sends at least `requests`, every other one with personal data in it."""
    bodies = folder / "bodies"
    bodies.write_bytes(traffic.request() + b"\n" + traffic.request(personal=True) + b"\n")
    slices: list[Slice] = []
    done = 0
    while done < requests:
        with processes.Sampler(target.process.pid, SAMPLE_INTERVAL_S) as sampler:
            done += load.send(target.url, bodies, target.headers, connections, SLICE_S).requests
        sizes = [kib for _, kib in sampler.samples]
        slices.append(Slice(done, round(statistics.median(sizes)), max(sizes)))
        print(f"{done:>10,} requests, {max(sizes) / 1024:.1f} MiB", file=sys.stderr)
    return Soak(connections, slices, processes.memory(target.process.pid).peak)
