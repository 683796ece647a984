"""The form of an operation: what it asks, what the platform fills in, and when an answer counts as a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.duties import facts
from linli.kernel.errors import Invalid

MOST_FIELDS = 20
MOST_CHOICES = 12
LONGEST_TEXT = 500
MOST_PHOTOS = 5
LARGEST = 10**9
YES, NO = "yes", "no"


class FieldKind(StrEnum):
    """What a field takes; ``fact`` is filled in from what the platform holds."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    PHOTO = "photo"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Args:
        code: what its answers are kept under, unique in the form; made from its place when empty.
        choices: of a choice, in the order shown.
        problem: what counts as a problem: of a choice any of these, of yes or no that one, of a number ``>N`` or ``<N``; empty for none.
        fact: code of the fact that the platform fills in (:mod:`linli.duties.facts`).
    """

    label: str
    kind: FieldKind
    code: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    problem: tuple[str, ...] = ()
    fact: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether the field has to say it; what is not asked is filled in."""
        return self.kind != FieldKind.FACT

    def is_problem(self, value: Any) -> bool:
        """Whether an answer counts as a problem."""
        if self.kind != FieldKind.NUMBER:
            return value in self.problem
        return any(value > float(one[1:]) if one[0] == ">" else value < float(one[1:]) for one in self.problem)


def to_data(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """A form as it is kept."""
    return [
        asdict(one) | {"kind": str(one.kind), "choices": list(one.choices), "problem": list(one.problem)}
        for one in fields
    ]


def from_data(form: Iterable[Mapping[str, Any]]) -> list[Field]:
    """A form as it was kept."""
    return [
        Field(
            **dict(one)
            | {"kind": FieldKind(one["kind"]), "choices": tuple(one["choices"]), "problem": tuple(one["problem"])}
        )
        for one in form
    ]


def checked(fields: Sequence[Field]) -> list[Field]:
    """A form as it is kept: every field known for what it asks, with a code of its own.

    Raises:
        Invalid: ``duties.fact_held`` for what is held of persons; a field is wrong (``fields.N`` names it, from 0).
    """
    if not 0 < len(fields) <= MOST_FIELDS:
        raise Invalid("operation.fields", _("Ask one to twenty questions."), field="fields")
    taken = {one.code for one in fields if one.code}
    found: list[Field] = []
    for place, one in enumerate(fields):
        where = f"fields.{place}"
        label = " ".join(one.label.split())
        if not 2 <= len(label) <= 120:
            raise Invalid("operation.label", _("Please say the question in 2 to 120 characters."), field=where)
        code = one.code
        if not code:
            code = next(name for number in range(1, MOST_FIELDS * 2 + 2) if (name := f"q{number}") not in taken)
            taken.add(code)
        if not code.isascii() or not code.isidentifier() or len(code) > 20 or code in {other.code for other in found}:
            raise Invalid("operation.code", _("Each question has a code of its own."), field=where)
        if any(other.label == label for other in found):
            raise Invalid("operation.twice", _("“%(question)s” is asked twice.") % {"question": label}, field=where)
        found.append(_known(one, label, code, where))
    if not any(one.is_asked for one in found):
        raise Invalid(
            "operation.nothing_asked",
            _("The platform knows all of this already."),
            field="fields",
            mend=_("Look at the figures of the area instead of asking for them."),
        )
    return found


def _known(one: Field, label: str, code: str, where: str) -> Field:
    fact = facts.recognised(label)
    if fact is not None and fact.how == "filled" and facts.can_fill(fact.code):
        return Field(label, FieldKind.FACT, code, required=False, fact=fact.code)
    if fact is not None:
        raise Invalid(
            "duties.fact_held",
            _("“%(question)s” asks for what the platform holds already: %(fact)s.")
            % {"question": label, "fact": fact.called},
            field=where,
            mend=_(
                "Leave it out. What is held of persons is used where it is held, with a purpose; nobody lists it again."
            ),
            extra={"fact": fact.code},
        )
    if one.kind == FieldKind.FACT:
        if not facts.can_fill(one.fact):
            raise Invalid("operation.fact", _("The platform cannot fill this in."), field=where)
        return Field(label, FieldKind.FACT, code, required=False, fact=one.fact)
    choices: tuple[str, ...] = ()
    if one.kind == FieldKind.CHOICE:
        choices = tuple(dict.fromkeys(line for each in one.choices if (line := " ".join(each.split())[:60])))
        if not 2 <= len(choices) <= MOST_CHOICES:
            raise Invalid("operation.choices", _("Give two to twelve choices."), field=where)
    return Field(label, one.kind, code, required=one.required, choices=choices, problem=_problem(one, choices, where))


def _problem(one: Field, choices: tuple[str, ...], where: str) -> tuple[str, ...]:
    kept = tuple(line for each in one.problem if (line := " ".join(each.split())))
    if one.kind == FieldKind.NUMBER:
        good = all(_limit(each) for each in kept)
    else:
        allowed = {FieldKind.CHOICE: choices, FieldKind.YES_NO: (YES, NO)}.get(one.kind, ())
        good = all(each in allowed for each in kept)
    if not good:
        raise Invalid(
            "operation.problem",
            _("This answer cannot count as a problem."),
            field=where,
            mend=_("Name one of the choices, yes or no, or a limit such as >0."),
        )
    return kept


def _limit(text: str) -> bool:
    try:
        return text[0] in "<>" and abs(float(text[1:])) <= LARGEST
    except ValueError:
        return False


def filled(form: Sequence[Field], area_path: str) -> dict[str, int]:
    """What the platform knows for a target, by the code of the field."""
    known = facts.values({one.fact for one in form if one.fact}, area_path)
    return {one.code: known[one.fact] for one in form if one.fact in known}


def read(form: Sequence[Field], values: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """The answers as they are kept, and how many of them count as problems.

    Raises:
        Invalid: a question has no answer or a wrong one; ``field`` is its code.
    """
    found: dict[str, Any] = {}
    for one in form:
        if not one.is_asked:
            continue
        value = _value(one, values.get(one.code))
        if value is None and one.required:
            raise Invalid(
                "operation.answer", _("Please answer: %(question)s") % {"question": one.label}, field=one.code
            )
        if value is not None:
            found[one.code] = value
    return found, sum(one.is_problem(found[one.code]) for one in form if one.code in found and one.problem)


def _value(one: Field, given: Any) -> Any:
    if given is None or given in ("", []):
        return None
    wrong = Invalid(
        "operation.value", _("This is no answer to: %(question)s") % {"question": one.label}, field=one.code
    )
    match one.kind:
        case FieldKind.CHOICE | FieldKind.YES_NO:
            text = {True: YES, False: NO}[given] if isinstance(given, bool) else str(given)
            if text not in (one.choices or (YES, NO)):
                raise wrong
            return text
        case FieldKind.NUMBER:
            try:
                number = float(given)
            except (TypeError, ValueError):
                raise wrong from None
            if not abs(number) <= LARGEST:
                raise wrong
            return int(number) if number.is_integer() else number
        case FieldKind.PHOTO:
            photos = [given] if isinstance(given, str) else list(given)
            if len(photos) > MOST_PHOTOS or not all(_is_id(each) for each in photos):
                raise wrong
            return [str(each) for each in photos]
    text = " ".join(str(given).split())[:LONGEST_TEXT]
    if _names_somebody(text):
        raise Invalid(
            "operation.personal",
            _("An answer holds the number of a person."),
            field=one.code,
            mend=_("Give figures; what is known of persons stays where it is."),
        )
    return text or None


def _is_id(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def _names_somebody(text: str) -> bool:
    figures = "".join(one if one.isdigit() or one in "xX" else " " for one in text).split()
    return any(len(one) >= 15 or (len(one) == 11 and one.startswith("1")) for one in figures)
