"""How fast personal data and secrets are found, beside Presidio and detect-secrets, in one run.

The same English text, a hundredth of it values, is scanned by `mofa eval` (every rule for personal
data and secrets that is on), by Presidio (every pattern recogniser for English, a blank spaCy
model) and by detect-secrets (every plug-in). Scanners take turns, one at a time and in one thread,
several rounds each; the table has the medians. Starting a scanner is not counted. The peers' time is
that of the processor, ours that of the clock, which is never less.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PEERS = ("presidio", "detect-secrets")
MIN_RATIO = 1_000.0
LIMIT_S = 900

SENTENCES = """\
The harbour was quiet that morning, and the fishing boats lay side by side against the old quay.
A clerk from the customs office walked along the pier with a ledger under one arm.
Most of it was timber, some of it was salt, and a few barrels held lamp oil.
The committee met again on Tuesday to talk about the new library and who would pay for it.
Nobody hurried, because the tide would not turn until noon and the wind had dropped.
She asked whether the train would stop at the small station behind the paper mill.
By ten the baker had opened her shutters and children were running between the stalls.
The report lists every change that was made to the building since it was repaired.
After the meeting they walked home through the park and spoke about the garden.
It is easy to forget how long a letter took before there were roads in these hills.
Please read the second chapter first, and write down what you think of its ending.
The teacher explained that a map is a drawing of what somebody thought was important.
""".splitlines()
VALUES = (
    "ann.lee@example.com", "(415) 555-2671", "4111 1111 1111 1111", "536-90-4399", "192.168.10.20",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
)
EVERY = 1_950


class BenchError(Exception):
    """Something could not be measured."""


@dataclass(frozen=True)
class Row:
    """The medians of a scanner on texts of one length."""

    text_bytes: int
    scanner: str
    rounds: int
    mb_per_second: float
    findings_per_mb: float
    times_slower: float


def main() -> int:
    options = arguments()
    try:
        rows = measured(options)
    except (BenchError, OSError, subprocess.SubprocessError) as error:
        print(f"bench/scanners: {error}", file=sys.stderr)
        return 1
    slowest = [row for row in rows if row.scanner != "mofa"]
    goals = [(f"{row.scanner}, texts of {row.text_bytes} bytes: at least {MIN_RATIO:,.0f} times "
              f"({row.times_slower:,.0f})", row.times_slower >= MIN_RATIO) for row in slowest]
    if options.format == "json":
        print(json.dumps({"rows": [asdict(row) for row in rows]}, indent=2))
    else:
        print(table(rows))
        print("\n".join(f"{'met' if is_met else 'MISSED'}: {text}" for text, is_met in goals))
    return 1 if options.check and not all(is_met for _, is_met in goals) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/scanners/run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit code 0; 1 when something failed, or a goal was missed and --check is given; "
               "2 for wrong arguments. MOFA_BIN names a binary; without it one is built. "
               "The peers are installed from PyPI into the folder of --peers.")
    parser.add_argument("--quick", action="store_true", help="1 round of 2 s instead of 3 of 10 s")
    parser.add_argument("--rounds", type=int, help="rounds for each scanner")
    parser.add_argument("--seconds", type=float, help="how long a peer scans in a round")
    parser.add_argument("--bytes", default="1000,100000", help="lengths of texts, parted by commas")
    parser.add_argument("--peers", type=Path, help="where the peers' virtual environment is kept",
                        default=Path.home() / ".cache/mofa/peers/scanners")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--check", action="store_true",
                        help="exit code 1 when a goal is missed")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2.0 if options.quick else 10.0)
    try:
        options.bytes = [max(100, int(number)) for number in options.bytes.split(",")]
    except ValueError:
        parser.error("--bytes: expected numbers, parted by commas")
    return options


def measured(options: argparse.Namespace) -> list[Row]:
    """Every scanner on every length, in turns."""
    binary = built()
    python = installed(options.peers)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="mofa-bench-") as name:
        for length in options.bytes:
            path = Path(name) / f"texts-{length}.jsonl"
            write_texts(path, length)
            rounds: dict[str, list[tuple[float, float]]] = {}
            for number in range(1, options.rounds + 1):
                for scanner in ("mofa", *PEERS):
                    say(f"{length} bytes, round {number} of {options.rounds}: {scanner}")
                    one = (ours(binary, path) if scanner == "mofa"
                           else theirs(python, scanner, path, options.seconds))
                    rounds.setdefault(scanner, []).append(one)
            speeds = {scanner: statistics.median(speed for speed, _ in all_of)
                      for scanner, all_of in rounds.items()}
            rows += [Row(length, scanner, len(all_of), speeds[scanner], all_of[-1][1],
                         speeds["mofa"] / speeds[scanner]) for scanner, all_of in rounds.items()]
    return rows


def built() -> Path:
    """The binary of MOFA_BIN, or one that is built now."""
    if given := os.environ.get("MOFA_BIN"):
        return Path(given).resolve()
    command = ["cargo", "build", "--release", "--locked", "-p", "mofa-cli", "--message-format=json"]
    output = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout
    messages = [json.loads(line) for line in output.splitlines()]
    programs = [message["executable"] for message in messages if message.get("executable")]
    if not programs:
        raise BenchError("cargo built no program")
    return Path(programs[-1])


def installed(folder: Path) -> Path:
    """The Python that has the peers."""
    python = folder / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    mark = folder / "installed.txt"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != wanted:
        say("installing the peers")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement",
                        HERE / "requirements.txt"], check=True, stdout=sys.stderr)
        mark.write_text(wanted, encoding="utf-8")
    return python


def write_texts(path: Path, length: int) -> None:
    """About 20 MB of texts of that length, a hundredth of them values; the same at every run."""
    numbers = random.Random(length)
    with path.open("w", encoding="utf-8") as out:
        text, since = "", 0
        for _ in range(20_000_000 // length):
            while len(text) < length:
                sentence = numbers.choice(SENTENCES)
                since += len(sentence)
                if since >= EVERY:
                    since -= EVERY
                    words = sentence.split(" ")
                    words.insert(numbers.randrange(len(words)), numbers.choice(VALUES))
                    sentence = " ".join(words)
                text += sentence + ("\n" if numbers.randrange(5) == 0 else " ")
            cut = text.rfind(" ", 0, length) + 1
            out.write(json.dumps({"text": text[:cut], "label": 0}) + "\n")
            text = text[cut:]


def ours(binary: Path, path: Path) -> tuple[float, float]:
    """MB/s and findings per MB of `mofa eval`."""
    command = [binary, "eval", path, "--family", "pii", "--only", "pii,secret", "--format", "json"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT_S).stdout
    file = json.loads(output)["files"][0]
    return file["mb_per_second"], file["clean"]["per_mb"]


def theirs(python: Path, scanner: str, path: Path, seconds: float) -> tuple[float, float]:
    """MB/s and findings per MB of a peer."""
    command = [python, HERE / "peer.py", scanner, path, str(seconds)]
    ended = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)
    if ended.returncode != 0:
        raise BenchError(f"{scanner}: {ended.stderr.decode(errors='replace')[-2000:]}")
    figures = json.loads(ended.stdout.splitlines()[-1])
    megabytes = figures["bytes"] / 1e6
    return megabytes / figures["seconds"], figures["findings"] / megabytes


def table(rows: list[Row]) -> str:
    """The table for people."""
    lines = [f"{'text bytes':>10}  {'scanner':<15} {'MB/s':>10} {'findings/MB':>12} {'times':>9}"]
    lines += [f"{row.text_bytes:>10}  {row.scanner:<15} {row.mb_per_second:>10.4f} "
              f"{row.findings_per_mb:>12.1f} {row.times_slower:>9,.0f}" for row in rows]
    return "\n".join(lines)


def say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
