"""`{% load desk %}`: what the desk's templates need beside the components."""

from __future__ import annotations

from uuid import uuid4

from django import template

register = template.Library()


@register.simple_tag
def new_key() -> str:
    """A fresh key for a form, by which its command is carried out once however often it is sent."""
    return str(uuid4())
