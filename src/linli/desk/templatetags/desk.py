"""`{% load desk %}`: what the desk's templates need beside the components."""

from __future__ import annotations

from django import template

from linli.kernel import ids

register = template.Library()


@register.simple_tag
def new_key() -> str:
    """A fresh key for a form, by which its command is carried out once however often it is sent."""
    return str(ids.new_id())
