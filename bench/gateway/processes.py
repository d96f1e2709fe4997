"""Starts processes, ends them, and reads what they used from /proc."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0


class StartError(Exception):
    """A process did not begin to answer."""


def free_port() -> int:
    """A port of this machine that nobody has right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Process:
    """A running command; what it prints goes to a file."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.command = command
        self.log = log
        with log.open("wb") as out:
            self._child = subprocess.Popen(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                env=os.environ | (env or {}),
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def wait_until_open(self, port: int) -> None:
        """Returns once something listens on `port`."""
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise StartError(f"{self.command[0]} does not listen:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Ends it, and its children with it."""
        self._child.terminate()
        try:
            self._child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def tree(pid: int) -> list[int]:
    """`pid` and everything that descends from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, []))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of `pid`, all its threads, and all that descends from it."""
    stats = [_stat(one) for one in tree(pid)]
    # Fields 14 to 17 of proc(5): user and system time, and those of children that have ended.
    return sum(sum(map(int, stat[11:15])) for stat in stats if stat) / TICKS_PER_SECOND


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process and all that descends from it, in KiB."""

    now: int
    peak: int


def memory(pid: int) -> Memory:
    """What is resident now, and what was at most."""
    now = peak = 0
    for one in tree(pid):
        status = _read(Path(f"/proc/{one}/status"))
        values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        now += int(values.get("VmRSS", "0").split()[0])
        peak += int(values.get("VmHWM", "0").split()[0])
    return Memory(now, peak)


class Sampler:
    """Notes the resident memory of a process every so often, until it is left."""

    def __init__(self, pid: int, interval_s: float) -> None:
        self.samples: list[tuple[float, int]] = []
        self._pid, self._interval_s = pid, interval_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._interval_s):
            self.samples.append((time.monotonic(), memory(self._pid).now))


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Posts once; the status and the answer."""
    request = urllib.request.Request(url, data=body, method="POST")
    for name, value in ({"Content-Type": "application/json"} | headers).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the command's name: state, parent …"""
    text = _read(Path(f"/proc/{pid}/stat"))
    return text.rpartition(")")[2].split() if text else None


def _read(path: Path) -> str:
    """A file of /proc; empty once its process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
