"""Scans a file with another scanner and prints what that took; called by run.py in its own venv.

`peer.py NAME FILE SECONDS`: reads JSON lines with `text`, again from the top where they end, until so
many seconds of CPU are used; prints one JSON object with `bytes`, `seconds` and `findings`. What the
scanner needs to start is not counted.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Scan = Callable[[str], int]


def presidio() -> Scan:
    """Every pattern recogniser for English; a blank model of spaCy splits words, and knows no names."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    return lambda text: len(analyzer.analyze(text=text, language="en"))


def detect_secrets() -> Scan:
    """Every plug-in and filter that is on unless chosen otherwise, on a file as its users have it."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    folder = Path(tempfile.mkdtemp())
    path = folder / "text.txt"

    def scan(text: str) -> int:
        path.write_text(text, encoding="utf-8")
        with default_settings():
            return sum(1 for _ in scan_file(str(path)))

    return scan


PEERS: dict[str, Callable[[], Scan]] = {"presidio": presidio, "detect-secrets": detect_secrets}


def main() -> None:
    name, path, limit = sys.argv[1:4]
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    scan = PEERS[name]()
    scan(texts[0])
    scanned, findings = 0, 0
    begun = time.process_time()
    for text in itertools.cycle(texts):
        findings += scan(text)
        scanned += len(text.encode())
        seconds = time.process_time() - begun
        if seconds >= float(limit):
            break
    print(json.dumps({"bytes": scanned, "seconds": seconds, "findings": findings}))


if __name__ == "__main__":
    main()
