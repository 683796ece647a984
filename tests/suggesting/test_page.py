"""The administrator looks how good the suggestions are, tries a text, and asks for a training."""

import pytest
from django.test import Client

from linli.kernel.models import AuditEntry
from linli.people import sessions
from linli.people.models import Post
from linli.suggesting import actions
from linli.suggesting.learning import learn
from linli.suggesting.models import Because, ModelVersion, VersionState
from tests.people import factories
from tests.world import load_categories

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(clock, client: Client) -> Client:
    load_categories()
    account = factories.make_town().people["admin"]
    client.force_login(account)
    session = client.session
    post = Post.objects.get(account=account, ends_on__isnull=True)
    session[sessions.POST_KEY] = f"{post.district}:{post.id}"
    session.save()
    return client


def test_the_page_before_and_after_the_first_training(administrator: Client) -> None:
    assert administrator.get("/admin/suggestions").status_code == 200
    asked = administrator.post("/admin/suggestions/train", follow=True)
    assert asked.status_code == 200
    version = ModelVersion.objects.get()
    assert (version.state, version.because, version.asked_by is not None) == (VersionState.ASKED, Because.BY_HAND, True)
    assert AuditEntry.objects.filter(verb="suggestion.train", subject_id=str(version.id)).count() == 1
    assert administrator.post("/admin/suggestions/train").status_code == 409
    actions.train(learn=lambda texts, more: learn([one for one in texts if one.code in ("UT02", "EN01", "PM05")], []))
    page = administrator.get("/admin/suggestions").content.decode()
    assert "UT02" in page
    assert "%" in page
    tried = administrator.post("/admin/suggestions", {"text": "路灯不亮好几天了"}).content.decode()
    assert "路灯" in tried
    assert "不推荐" in administrator.post("/admin/suggestions", {"text": "qwerty"}).content.decode()
