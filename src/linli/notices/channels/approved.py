"""Templates of providers: which of theirs a message goes by, and what it is filled with.

Text messages and WeChat messages go by texts that the provider has approved beforehand. The setting names them, separated by blanks
or line breaks: ``code=SMS_1(code) closed=SMS_2(no=number,what=category) *=SMS_3(number,title)``. Before ``=`` the message's own
template (the notice's kind, ``code``, ``digest``; ``*`` for all others), then the provider's, and in brackets its variables in
their order: the name there, and which fact fills it (``number``, ``category``, ``state``, ``code``, ``count``, ``title``,
``text``), the same name unless told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from linli.notices.channels import Message, not_taken

ANY = "*"
_ONE = re.compile(r"([a-z_]+|\*)=([\w-]+)(?:\(([\w=,.]*)\))?")


@dataclass(frozen=True, slots=True)
class Template:
    """A provider's template: its id there, and its variables in their order with the fact that fills each."""

    id: str
    variables: tuple[tuple[str, str], ...]


def read(setting: str) -> Mapping[str, Template]:
    """The templates that a setting names, by the message's own.

    Raises:
        ValueError: a part of it cannot be read, or a template comes twice; it says which.
    """
    found: dict[str, Template] = {}
    for part in setting.split():
        match = _ONE.fullmatch(part)
        if match is None or match[1] in found:
            raise ValueError(f"{part!r} is no template, or comes twice: write name=ID(variable=fact,...)")
        pairs = [one.partition("=") for one in (match[3] or "").split(",") if one]
        found[match[1]] = Template(match[2], tuple((name, fact or name) for name, _sign, fact in pairs))
    return found


def filled(templates: Mapping[str, Template], message: Message) -> tuple[str, list[tuple[str, str]]]:
    """The provider's template for a message, and its variables with their values, none of them empty.

    Raises:
        NotTaken: the operator has named no template for such messages; it waits until they have.
    """
    chosen = templates.get(message.template) or templates.get(ANY)
    if chosen is None:
        raise not_taken(f"no template for {message.template}")
    facts = {"title": message.title, "text": message.text} | dict(message.facts)
    return chosen.id, [(name, facts.get(fact, "").strip() or "-") for name, fact in chosen.variables]
