"""What this door has to remember itself."""

from __future__ import annotations

from django.db import models

from linli.kernel.db import AreaBound, DistrictForeignKey


class Submission(AreaBound):
    """Which key sent a request: its client, and no other, may write to that request later."""

    case = DistrictForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    actor_key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "case", "actor_key"], name="open311_submission_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.actor_key}"
