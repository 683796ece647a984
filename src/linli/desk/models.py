"""What the desk keeps for those who work at it: their views, their organisation's replies, batches, who is writing where."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kernel.db import AreaBound, DistrictForeignKey


class SavedView(AreaBound):
    """A list that somebody keeps under a name, alone or with the whole organisation."""

    account_id = models.UUIDField()
    organisation = DistrictForeignKey(
        "people.Organisation", on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    name = models.CharField(_("Name"), max_length=40)
    # As the address says it: view, category, area, severity, state, q.
    query = models.JSONField()
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "account_id"], name="desk_views_own"),
            models.Index(
                fields=["district", "organisation"],
                condition=models.Q(organisation__isnull=False),
                name="desk_views_shared",
            ),
        ]


class ReplyTemplate(AreaBound):
    """A reply that an organisation's posts share, with places to be filled: ``{number}``, ``{place}``, ``{due}``, ``{category}``."""

    organisation = DistrictForeignKey("people.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("Name"), max_length=40)
    text = models.TextField(_("Text"))
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["district", "organisation"], name="desk_templates")]


class Writing(AreaBound):
    """Somebody is writing to the reporter of a case; it runs out by itself and bars nobody."""

    case = DistrictForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    account_id = models.UUIDField()
    name = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "account_id"], name="desk_writing_once"),
        ]


class Batch(AreaBound):
    """One verb on many cases: what was asked for, and what became of each case. Each case is a command of its own."""

    account_id = models.UUIDField()
    post_id = models.UUIDField()
    verb = models.CharField(max_length=40)
    sent = models.JSONField()
    chosen = models.JSONField()
    done = models.JSONField(default=list)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["district", "account_id", "at"], name="desk_batches_own")]
