"""The addresses of administration, under /admin/."""

from django.urls import path

from linli.administration import (
    accounts,
    catalogue,
    organisations,
    oversight,
    overview,
    posts,
    suggestions,
    webhooks,
    words,
)

app_name = "administration"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("catalogue", catalogue.listing, name="catalogue"),
    path("catalogue/changes", catalogue.changes, name="changes"),
    path("catalogue/changes/<uuid:change_id>", catalogue.change, name="change"),
    path("catalogue/changes/<uuid:change_id>/decide", catalogue.decide, name="decide-change"),
    path("catalogue/<str:code>", catalogue.edit, name="category"),
    path("catalogue/<str:code>/give-up", catalogue.give_up, name="give-up-category"),
    path("suggestions", suggestions.overview, name="suggestions"),
    path("suggestions/train", suggestions.train, name="train-suggestions"),
    path("organisations", organisations.listing, name="organisations"),
    path("organisations/new", organisations.new, name="new-organisation"),
    path("organisations/<str:district>/<uuid:organisation_id>/end", organisations.end, name="end-organisation"),
    path("organisations/<str:district>/<uuid:organisation_id>/phone", organisations.phone, name="organisation-phone"),
    path("posts", posts.listing, name="posts"),
    path("posts/new", posts.appoint, name="appoint"),
    path("posts/<str:district>/<uuid:post_id>/end", posts.end, name="end-post"),
    path("posts/<str:district>/<uuid:post_id>/phone", posts.phone, name="post-phone"),
    path("accounts", accounts.listing, name="accounts"),
    path("accounts/new", accounts.new, name="new-account"),
    path("accounts/<uuid:account_id>", accounts.one, name="account"),
    path("accounts/<uuid:account_id>/read", accounts.read, name="read-account"),
    path("accounts/<uuid:account_id>/close", accounts.close, name="close-account"),
    path("accounts/<uuid:account_id>/second-factor", accounts.remove_second_factor, name="remove-second-factor"),
    path("accounts/<uuid:account_id>/links", accounts.link, name="link-account"),
    path("accounts/<uuid:account_id>/devices", accounts.end_device, name="end-device"),
    path("accounts/<uuid:account_id>/keys", accounts.end_key, name="end-key"),
    path("words", words.settings, name="words"),
    path("calendar", oversight.calendar, name="calendar"),
    path("audit", oversight.audit, name="audit"),
    path("webhooks", webhooks.listing, name="webhooks"),
    path("webhooks/new", webhooks.new, name="new-webhook"),
    path("webhooks/<uuid:hook_id>", webhooks.one, name="webhook"),
    path("webhooks/<uuid:hook_id>/switch", webhooks.switch, name="switch-webhook"),
    path("webhooks/<uuid:hook_id>/again/<uuid:posting_id>", webhooks.replay, name="replay-webhook"),
]
