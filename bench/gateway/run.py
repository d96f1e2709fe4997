"""What a hop through the gateway costs, beside its peers, in one run.

The same requests go to a model server directly, through nginx as a bare reverse proxy (about as
little as a hop can cost), through `mofa serve` with no stage enabled, through `mofa serve` with all
four stages enforced and every decision synced to disk, and through Portkey's gateway. Targets take
turns, several rounds each; the table has the medians. CPU time is that of the target's processes
alone, which a noisy machine bends least.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# Nothing is left in the checkout.
sys.dont_write_bytecode = True

import load  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
import soak  # noqa: E402
import stream  # noqa: E402
import targets  # noqa: E402
import traffic  # noqa: E402
from targets import Target  # noqa: E402

PACKAGES = {"nginx": "nginx", "wrk": "wrk", "node": "nodejs", "npm": "npm"}
ALL = ("direct", "nginx", "mofa-off", "mofa-full", "portkey")
MEMORY_FILE_SYSTEMS = ("tmpfs", "ramfs")


def main() -> int:
    options = arguments()
    try:
        see_to_programs(options)
        if options.soak:
            return soaked(options)
        if options.stream:
            return streamed(options)
        return compared(options)
    except (processes.StartError, load.LoadError, stream.StreamError, subprocess.CalledProcessError, OSError) as error:
        print(f"bench/gateway: {error}", file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/gateway/run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit code 0; 1 when something failed, or a goal was missed and --check is given; "
               "2 for wrong arguments. MOFA_BIN names a binary; without it one is built.")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 2 s instead of 5 of 5 s")
    parser.add_argument("--rounds", type=int, help="rounds for each target")
    parser.add_argument("--seconds", type=float, help="length of a round")
    parser.add_argument("--connections", default="1,64", help="how many, parted by commas")
    parser.add_argument("--targets", default=",".join(ALL), help=f"some of {','.join(ALL)}")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1,
                        help="nginx's workers; one a processor, as mofa has threads")
    parser.add_argument("--folder", type=Path, help="where to keep files while measuring; the "
                        "audit log is there, so it must be on a disk")
    parser.add_argument("--soak", type=int, nargs="?", const=200_000, metavar="N",
                        help="instead: N requests through all four stages, watching memory")
    parser.add_argument("--stream", action="store_true",
                        help="instead: what is added to each chunk of a stream, and memory")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--check", action="store_true",
                        help="exit code 1 when a goal is missed or could not be measured")
    parser.add_argument("--install", action="store_true",
                        help="install missing Debian packages; only as root")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (2.0 if options.quick else 5.0)
    options.targets = [name for name in ALL if name in options.targets.split(",")]
    if not options.targets:
        parser.error(f"--targets: expected some of {','.join(ALL)}")
    try:
        options.connections = [max(1, int(number)) for number in options.connections.split(",")]
    except ValueError:
        parser.error("--connections: expected numbers, parted by commas")
    return options


def see_to_programs(options: argparse.Namespace) -> None:
    """Makes sure that every program is there."""
    wanted = ["nginx", "wrk"]
    if "portkey" in options.targets and not options.soak:
        wanted += ["node", "npm"]
    missing = [PACKAGES[name] for name in wanted if shutil.which(name) is None]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if not options.install or os.geteuid() != 0:
        raise OSError(f"missing programs; as root: {' '.join(command)} (or --install)")
    subprocess.run(["apt-get", "update", "--quiet"], check=True, stdout=sys.stderr)
    subprocess.run(command, check=True, stdout=sys.stderr)


def compared(options: argparse.Namespace) -> int:
    """Measures every target in turns and prints the table."""
    with running(options) as (folder, all_targets):
        rounds = measure(options, folder, all_targets)
        memory = {one.name: processes.memory(one.process.pid) for one in all_targets}
        facts = facts_of(options, folder, all_targets)
    usage = {name: (used.now, used.peak) for name, used in memory.items()}
    all_rows = report.rows(rounds, usage)
    met = report.goals(all_rows)
    if options.format == "json":
        print(report.as_json(facts, all_rows))
    else:
        print("\n".join(f"{name + ':':<12} {text}" for name, text in facts.items()))
        print(f"\n{report.table(all_rows)}\n")
        print("\n".join(f"{'met' if is_met else 'MISSED'}: {text}" for text, is_met in met))
    return 1 if options.check and not all(is_met for _, is_met in met) else 0


def soaked(options: argparse.Namespace) -> int:
    """Sends many requests through all four stages and prints how memory went."""
    options.targets = ["mofa-full"]
    with running(options) as (folder, all_targets):
        [target] = [one for one in all_targets if one.name == "mofa-full"]
        result = soak.run(target, folder, options.soak, max(options.connections))
    print(result.as_json() if options.format == "json" else result.as_text())
    return 0 if result.is_flat and result.is_small or not options.check else 1


def streamed(options: argparse.Namespace) -> int:
    """Streams through nginx and ours, and prints what each adds to a chunk."""
    options.targets = ["nginx", "mofa-off", "mofa-full"]
    with running(options, streams=True) as (folder, all_targets):
        result = stream.run(options.upstream, all_targets, options.rounds)
    print(result.as_json() if options.format == "json" else result.as_text())
    met = all(is_met for _, is_met in result.goals())
    return 0 if met or not options.check else 1


@contextmanager
def running(
    options: argparse.Namespace, streams: bool = False
) -> Iterator[tuple[Path, list[Target]]]:
    """A folder on a disk, and every target that is wanted, up and checked."""
    binary = targets.build_mofa() if {"mofa-off", "mofa-full"} & set(options.targets) else Path()
    installed = targets.install_portkey() if "portkey" in options.targets else Path()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix="mofa-bench-", dir=options.folder)))
        # nginx gives up root for its workers, which must still get in.
        folder.chmod(0o755)
        if (kind := file_system(folder)) in MEMORY_FILE_SYSTEMS:
            raise OSError(f"`{folder}` is in memory ({kind}): name a folder with --folder")
        upstream = targets.upstream(folder, options.workers)
        stack.callback(upstream.process.stop)
        options.upstream = upstream.port
        if streams:
            options.upstream, process = stream.server(folder)
            stack.callback(process.stop)
        port = options.upstream
        start = {
            "nginx": lambda: targets.nginx(folder, port, options.workers),
            "mofa-off": lambda: targets.mofa(folder, port, binary, full=False),
            "mofa-full": lambda: targets.mofa(folder, port, binary, full=True),
            "portkey": lambda: targets.portkey(folder, port, installed),
        }
        found = [upstream] if "direct" in options.targets else []
        for name in options.targets:
            if name in start:
                target = start[name]()
                stack.callback(target.process.stop)
                found.append(target)
        for target in found:
            if not streams:
                target.check()
        yield folder, found


def measure(
    options: argparse.Namespace, folder: Path, all_targets: list[Target]
) -> list[report.Round]:
    """All rounds: A B C A B C, first with few connections, then with many."""
    bodies = folder / "bodies"
    bodies.write_bytes(traffic.request() + b"\n")
    rounds = []
    for connections in options.connections:
        for number in range(options.rounds + 1):
            for target in all_targets:
                seconds = options.seconds if number else 1.0
                before = processes.cpu_seconds(target.process.pid)
                figures = load.send(target.url, bodies, target.headers, connections, seconds)
                used = processes.cpu_seconds(target.process.pid) - before
                cpu_us = used * 1e6 / figures.requests
                note = f"{target.name:<10} {connections:>3} conns  {cpu_us:8.1f} us CPU/request"
                print(note + ("" if number else "  (warm-up)"), file=sys.stderr)
                if number:
                    rounds.append(report.Round(target.name, connections, cpu_us, figures))
    return rounds


def facts_of(
    options: argparse.Namespace, folder: Path, all_targets: list[Target]
) -> dict[str, str]:
    """What the figures rest on."""
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False)
    facts = {
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, Linux {platform.release()}",
        "load": f"{load.version()}, 1 thread; request {len(traffic.request())} bytes, "
                f"answer {len(traffic.answer())} bytes",
        "rounds": f"{options.rounds} of {options.seconds:g} s for each target, in turns; medians",
        "upstream": f"{nginx.stderr.strip()}, a fixed answer, {options.workers} worker(s)",
        "files": f"{folder} ({file_system(folder)})",
    }
    for target in all_targets:
        facts[target.name] = f"{target.about}; {' '.join(target.process.command)}"
    if shutil.which("node") and "portkey" in options.targets:
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
        facts["node"] = node.stdout.strip()
    return facts


def file_system(folder: Path) -> str:
    """The kind of file system that `folder` is on."""
    told = subprocess.run(["stat", "--file-system", "--format", "%T", str(folder)],
                          capture_output=True, text=True, check=True)
    return told.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
