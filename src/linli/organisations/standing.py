"""What holds of types of organisations: their rules on a day, from memory; names in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import time
from linli.kernel.errors import Invalid
from linli.organisations.models import Seat, TypeRule
from linli.people.models import OrganisationType
from linli.people.snapshot import Snapshot

STAMP = "organisation rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds of a type; ``types`` are all that count for it, itself the first."""

    code: str
    seat: Seat
    under: str
    types: tuple[str, ...]
    expected: bool
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is the rule of a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Type:
    """A type of organisation."""

    code: str
    family: str
    name_zh: str
    name_en: str

    @property
    def called(self) -> str:
        """Its name in the reader's language."""
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en


def _read() -> tuple[dict[str, Type], tuple[Rule, ...]]:
    rows = OrganisationType.objects.order_by("position", "code")
    types = {row.code: Type(row.code, row.family, row.name_zh, row.name_en) for row in rows}
    rules = tuple(
        Rule(
            one.type_id, Seat(one.seat), one.under_id or "", (one.type_id, *one.also), one.expected, one.valid_from, one.valid_to
        )
        for one in TypeRule.objects.order_by("type__position", "type_id", "valid_from")
    )  # fmt: skip
    return types, rules


_known: Snapshot[tuple[dict[str, Type], tuple[Rule, ...]]] = Snapshot(STAMP, _read)


def types() -> dict[str, Type]:
    """Every type by its code, in the order of the list."""
    return _known.get()[0]


def type_of(code: str, *, field: str = "type") -> Type:
    """A type by its code.

    Raises:
        Invalid: there is none.
    """
    found = types().get(code)
    if found is None:
        raise Invalid("organisation.type", _("There is no such type of organisation."), field=field)
    return found


def rules(code: str = "") -> list[Rule]:
    """Every rule, of one type when named, the oldest first."""
    return [rule for rule in _known.get()[1] if not code or rule.code == code]


def rule_on(code: str, day: date | None = None) -> Rule | None:
    """The rule of a type on a day, today unless told; none when nothing is ruled."""
    wanted = day or time.today()
    return next((rule for rule in rules(code) if rule.holds_on(wanted)), None)


def expected(day: date | None = None) -> list[Rule]:
    """The rules of types that every place of a kind should have, on a day, in the order of the list."""
    wanted = day or time.today()
    return [rule for rule in rules() if rule.expected and rule.holds_on(wanted)]


def names(codes: Iterable[str]) -> list[str]:
    """The names of types in the reader's language."""
    known = types()
    return [known[code].called if code in known else code for code in codes]
