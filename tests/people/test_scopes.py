"""What a key may be narrowed to has words in both languages, for every verb and every event that can be asked for."""

from __future__ import annotations

from django.utils.translation import override

from linli.kernel.trust import policy
from linli.notices.actions.hooks import known_kinds
from linli.people import scopes
from tests.world import World, build


def test_every_scope_has_words_and_no_words_are_left_over() -> None:
    asked = {part for verb in policy.table() for part in (verb, verb.partition(".")[0])} | set(known_kinds())
    assert set(scopes.known()) == asked, "src/linli/people/rules/scopes.csv: a row for each"
    for english, chinese in scopes.known().values():
        assert english.isascii(), english
        assert chinese, english


def test_a_post_is_offered_what_it_reaches_in_the_reader_s_words(db: None, clock: object) -> None:
    world: World = build()
    with override("zh-hans"):
        subjects = {one.name: one for one in scopes.reachable(world.zhou)}
    assert subjects["case"].words == "上报与事件"
    assert ("case.report", "上报") in subjects["case"].verbs
    assert "webhook" not in subjects
    with override("en"):
        assert scopes.words(["case.report", "case"]) == ["Reports and cases", "Report"]
