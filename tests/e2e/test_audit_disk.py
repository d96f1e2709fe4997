"""When decisions cannot be recorded nothing is answered; when they can again, it goes on."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from conftest import Wire, client_of
from service import Gateway, ScriptedModel, wait_until
from test_chat import MODEL, user


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted as root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"this system does not let root mount: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(path: Path) -> None:
    """Takes all room that is left on the disk of `path`."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC


def refused(client: openai.OpenAI) -> bool:
    """Whether a harmless request is refused because it cannot be recorded."""
    try:
        client.chat.completions.create(model=MODEL, messages=user("Hello"))
    except openai.InternalServerError as error:
        assert (error.status_code, error.code) == (503, "audit_unavailable")
        return True
    return False


def test_a_full_disk(
    small_disk: Path, tmp_path: Path, model: ScriptedModel, wire: Wire
) -> None:
    gateway = Gateway(tmp_path, model.url, model.url, small_disk / "audit.jsonl")
    try:
        with client_of(gateway, wire) as client:
            assert not refused(client)
            ballast = small_disk / "ballast"
            fill(ballast)
            # The last block of the log may have room for a few records more.
            assert any(refused(client) for _ in range(64))
            reached = len(wire.all_reached)
            assert refused(client)
            assert len(wire.all_reached) == reached, "it was sent without a record"
            assert gateway.get("/readyz") == 503
            assert gateway.get("/healthz") == 200

            ballast.unlink()
            wait_until(lambda: gateway.get("/readyz") == 200, "readiness")
            assert not refused(client)
        records = gateway.records()
        assert [record["seq"] for record in records] == list(range(len(records)))
    finally:
        gateway.stop()
