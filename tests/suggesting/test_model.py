"""The trained model: what it is worth, that it is the same each time, what it says and when it says nothing."""

import numpy as np
import pytest

from linli.catalog.rules import categories
from linli.suggesting import rules
from linli.suggesting.learning import Figures, Words, learn
from linli.suggesting.predictor import Predictor, load


def words_of_the_catalogue() -> list[Words]:
    return [
        Words(identity["code"], word)
        for identity, fields in categories()
        for word in (fields["name_zh"], fields["name_en"], *fields["keywords_zh"], *fields["keywords_en"])
    ]


@pytest.fixture(scope="module")
def learnt() -> tuple[Predictor, Figures]:
    return learn(rules.texts(), words_of_the_catalogue())


def test_it_is_right_on_texts_of_families_and_scenes_that_it_did_not_see(learnt: tuple[Predictor, Figures]) -> None:
    _model, figures = learnt
    assert figures.texts == len(rules.texts())
    assert figures.top1 > 0.62
    assert figures.top3 > 0.82
    assert figures.gap < 0.06
    assert figures.kept >= 0.9
    assert figures.spoken > 0.75


def test_its_figures_add_up(learnt: tuple[Predictor, Figures]) -> None:
    _model, figures = learnt
    for parts in (figures.families, figures.categories):
        assert sum(n for n, _a, _b in parts.values()) == figures.texts
        assert sum(n * a for n, a, _b in parts.values()) / figures.texts == pytest.approx(figures.top1, abs=1e-3)
    assert sum(n for _said, _share, n in figures.bins) == figures.texts


def test_the_same_texts_give_the_same_model() -> None:
    texts = [one for one in rules.texts() if one.code in ("UT02", "EN01", "PM05", "TR01")]
    first, figures = learn(texts, [])
    again, as_before = learn(texts, [])
    assert first.dump() == again.dump()
    assert figures == as_before


def test_a_model_survives_its_bytes(learnt: tuple[Predictor, Figures]) -> None:
    model, _figures = learnt
    again = load(model.dump())
    for words in ("路灯不亮", "楼上漏水到我家", "street light is broken"):
        assert again.suggest(words) == model.suggest(words)


@pytest.mark.parametrize(
    ("words", "code"),
    [("我们那条街的路灯又不亮了", "UT02"), ("电梯里头关了人", "PS08"), ("老板三个月没发工资", "DS04"), ("天花板一直滴水,楼上漏的", "PM05")],
)  # fmt: skip
def test_it_knows_plain_matters_and_says_why(learnt: tuple[Predictor, Figures], words: str, code: str) -> None:
    found = learnt[0].suggest(words)
    assert found[0].code == code
    assert found[0].words
    assert all(one in words for one in found[0].words)
    assert sum(one.chance for one in found) <= 1.0 + 1e-6


@pytest.mark.parametrize("words", ["", "   ", "????", "qwerty zxcvb", "你好", "在吗", "ሰላም"])
def test_it_says_nothing_where_nothing_is_likely(learnt: tuple[Predictor, Figures], words: str) -> None:
    assert learnt[0].suggest(words) == []


def test_chances_are_chances(learnt: tuple[Predictor, Figures]) -> None:
    found = learnt[0].chances("垃圾桶满了,还有老鼠")
    assert found is not None
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-5)
    assert np.all(found >= 0)
