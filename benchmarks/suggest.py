"""`./run bench suggest`: how often the suggested category is right on texts of families and scenes that the model did not see, and what
a text costs.

No database is needed: the texts, the catalogue's words and the training are the same as in the house. The ceilings come from the same
run: for accuracy, the same model split at random (a figure that flatters, for what paraphrases on both sides of a split are worth);
for cost, the catalogue's word search, and scikit-learn's own prediction for one text. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from statistics import median

from linli.catalog.rules import categories
from linli.catalog.words import Document, Index
from linli.suggesting import features, rules
from linli.suggesting.learning import SEED, Figures, Words, _Space, hold_out, learn, measure


def line(figure: str, value: float, unit: str, *, ceiling: float, ratio: float) -> None:
    """One figure, on a line of its own."""
    rounded = {"value": round(value, 4), "ceiling": round(ceiling, 4), "ratio": round(ratio, 3)}
    print(json.dumps({"bench": "suggest", "figure": figure, "unit": unit, **rounded}), flush=True)


def catalogue() -> tuple[list[Words], Index]:
    """The catalogue's words to learn from, and its word search."""
    found, documents = [], {}
    for identity, fields in categories():
        words = (fields["name_zh"], fields["name_en"], *fields["keywords_zh"], *fields["keywords_en"])
        found += [Words(identity["code"], word) for word in words]
        documents[identity["code"]] = Document(words[:2], words[2:], fields["severity"])
    return sorted(found, key=lambda one: one.code), Index(documents)


def at_random(more: list[Words], parts: int) -> Figures:
    """The same measure, split at random instead of by family and scene."""
    texts = list(rules.texts())
    random.Random(SEED).shuffle(texts)
    dealt = [one._replace(family=f"part{n % parts}", scene=str(n)) for n, one in enumerate(texts)]
    return measure(hold_out(dealt, more))[0]


def cpu_ms(ask: Callable[[str], object], texts: list[str], *, repeats: int) -> float:
    """Milliseconds of CPU per text, the median of several rounds."""
    rounds = []
    for _round in range(repeats):
        began = time.process_time()
        for words in texts:
            ask(words)
        rounds.append((time.process_time() - began) / len(texts) * 1e3)
    return median(rounds)


def main() -> None:
    """Learn, measure, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds; ends within a minute")
    quick = parser.parse_args().quick
    more, index = catalogue()
    began = time.process_time()
    model, figures = learn(rules.texts(), more)
    spent = time.process_time() - began
    flattering = at_random(more, 3 if quick else 10)
    line("top1", figures.top1, "share", ceiling=flattering.top1, ratio=figures.top1 / flattering.top1)
    line("top3", figures.top3, "share", ceiling=flattering.top3, ratio=figures.top3 / flattering.top3)
    searched = [index.search(one.words)[:3] for one in rules.texts()]
    codes = [one.code for one in rules.texts()]
    first = sum(bool(found) and found[0] == code for found, code in zip(searched, codes, strict=True)) / len(codes)
    among = sum(code in found for found, code in zip(searched, codes, strict=True)) / len(codes)
    line("top1_of_word_search", first, "share", ceiling=figures.top1, ratio=first / figures.top1)
    line("top3_of_word_search", among, "share", ceiling=figures.top3, ratio=among / figures.top3)

    texts = [one.words for one in rules.texts()][:: 5 if quick else 1]
    ours = cpu_ms(model.suggest, texts, repeats=3)
    search = cpu_ms(index.search, texts, repeats=3)
    peer = cpu_ms(_library(more), texts[:200], repeats=3)
    line("cpu_ms_per_text", ours, "ms", ceiling=search, ratio=search / ours)
    line("cpu_ms_per_text_library", peer, "ms", ceiling=ours, ratio=ours / peer)
    line("learning_cpu_s", spent, "s", ceiling=spent, ratio=1.0)
    for family, (count, one, three) in figures.families.items():
        print(f"{family:10} {count:5.0f} texts  top-1 {one:.3f}  top-3 {three:.3f}", file=sys.stderr)
    print(
        f"two in one, either named first: {figures.either:.3f}; chance and truth {figures.gap:.3f} apart; speaks for "
        f"{figures.spoken:.3f}, {figures.kept:.3f} of those hold the right one; {len(model.dump()) / 1e6:.1f} MB",
        file=sys.stderr,
    )


def _library(more: list[Words]) -> Callable[[str], object]:
    """The same features and machine, asked by scikit-learn for one text at a time."""
    from sklearn.svm import LinearSVC

    rows = [(one.code, one.words) for one in (*rules.texts(), *more)]
    counted = [features.count(words) for _code, words in rows]
    space = _Space(counted)
    machine = LinearSVC(C=0.5, random_state=SEED).fit(space.matrix(counted), [code for code, _words in rows])
    return lambda words: machine.decision_function(space.matrix([features.count(words)]))


if __name__ == "__main__":
    main()
