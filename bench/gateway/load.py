"""Sends requests with wrk and reads its figures."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True)
class Figures:
    """What wrk saw in one run."""

    requests: int
    took_us: int
    p50_us: float
    p99_us: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / (self.took_us / 1e6)


class LoadError(Exception):
    """The load generator failed, or requests did."""


def send(
    url: str, bodies: Path, headers: dict[str, str], connections: int, seconds: float
) -> Figures:
    """Posts the lines of `bodies` over `connections` kept alive, for about `seconds`."""
    command = ["wrk", "--threads", "1", "--connections", str(connections)]
    command += ["--duration", f"{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["--script", str(SCRIPT), url]
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    environment = os.environ | {"BENCH_BODIES": str(bodies), "BENCH_HEADERS": lines}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("FIGURES "):
            figures = Figures(**json.loads(line.removeprefix("FIGURES ")))
            if figures.errors or not figures.requests:
                raise LoadError(f"{url}: {figures.errors} errors in {figures.requests} requests")
            return figures
    raise LoadError(f"wrk gave no figures: {done.stdout}{done.stderr}")


def version() -> str:
    """What wrk calls itself."""
    told = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False)
    return " ".join(told.stdout.split()[:2])
