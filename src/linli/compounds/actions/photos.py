"""Photos of a compound: taken in as they come; a worker makes the copies that are shown."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.compounds.actions.filing import compound_of
from linli.compounds.models import Photo
from linli.kernel import events, ids, time
from linli.kernel.errors import Invalid
from linli.kernel.storage.intake import Original
from linli.kernel.storage.shown import FileState
from linli.kernel.trust import Actor, policy
from linli.kernel.trust.policy import Spot

MOST = 60
"""Photos of one compound; they show a place over years, not an event."""


def add(actor: Actor, compound_id: UUID, original: Original, *, caption: str = "") -> Photo:
    """Attach a photo that storage has taken in. The same photo twice is one.

    Raises:
        NotFound, Forbidden: the post may not.
        Invalid: the compound has as many photos as it may.
    """
    compound = compound_of(compound_id)
    policy.require(actor, "compound.keep", Spot(compound.area_path), view="compound.view")
    with transaction.atomic():
        rows = Photo.objects.filter(district=compound.district, compound=compound)
        digest = bytes.fromhex(original.sha256)
        if (before := rows.filter(sha256=digest).first()) is not None:
            return before
        if (there := rows.count()) >= MOST:
            raise Invalid("compounds.photos_full", _("Sixty photos are the most of one compound."), field="photos")
        made, is_new = Photo.objects.get_or_create(
            district=compound.district, compound=compound, sha256=digest,
            defaults={
                "id": ids.new_id(), "original_key": original.key, "size": original.bytes, "at": time.now(), "state": FileState.WAITING,
                "caption": " ".join(caption.split())[:120], "post_id": actor.post_id, "noted_as": actor.name[:80],
            },
        )  # fmt: skip
        if is_new:
            events.append(
                "compound.photo", subject_type="compound_photo", subject_id=made.id, sequence=1, district=compound.district,
                area_path=compound.area_path, actor=actor, data={"compound": str(compound.id), "before": there},
            )  # fmt: skip
    return made
