"""What the benchmark says of its goals: what was not measured is not met."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "gateway"


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch):
    """The benchmark's module: it is no package, and finds its neighbours by their names."""
    monkeypatch.syspath_prepend(str(BENCH))
    import report as module
    yield module
    for name in ("report", "load", "processes", "stream", "targets", "traffic"):
        sys.modules.pop(name, None)


def goals(report, targets: dict[str, float], resident_kib: int = 30 * 1024) -> list[tuple[str, bool]]:
    import load
    figures = load.Figures(requests=100, took_us=1, p50_us=1.0, p99_us=1.0, errors=0)
    rounds = [report.Round(target, 1, cpu, figures) for target, cpu in targets.items()]
    memory = {name: (resident_kib, resident_kib) for name in targets}
    return report.goals(report.rows(rounds, memory))


def test_goals_that_hold(report) -> None:
    told = goals(report, {"nginx": 10.0, "mofa-full": 55.0})
    assert [met for _, met in told] == [True, True]


def test_goals_that_do_not_hold(report) -> None:
    told = goals(report, {"nginx": 10.0, "mofa-full": 61.0}, resident_kib=64 * 1024)
    assert [met for _, met in told] == [False, False]


def test_goals_that_were_not_measured(report) -> None:
    (text, met), (_, is_small) = goals(report, {"mofa-full": 55.0})
    assert not met and is_small
    assert "nginx" in text and "could not be measured" in text
    [(text, met)] = goals(report, {"nginx": 10.0})
    assert not met and "mofa-full" in text
    (_, is_fast), (text, is_small) = goals(report, {"nginx": 10.0, "mofa-full": 5.0}, 0)
    assert is_fast and not is_small and "could not be measured" in text


def test_goals_of_streams(report) -> None:
    import stream
    for added_us, growth_kib, expected in ((49.0, 0, [True, True]), (50.0, 1025, [False, False])):
        row = stream.Row("mofa-full", 500, 100.0, 200.0, added_us)
        bulk = stream.Bulk("mofa-full", 10_000_000, 1.0, 40_000, 40_000 + growth_kib)
        told = stream.Streams([row], [bulk]).goals()
        assert [met for _, met in told] == expected
