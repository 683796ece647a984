"""The addresses of one's notices and of how one is told; the same for residents and staff."""

from django.urls import path

from linli.notices import pages

app_name = "notices"

urlpatterns = [
    path("my/notices", pages.mine, name="mine"),
    path("my/notices/read", pages.read, name="read"),
    path("my/notices/bell", pages.bell, name="bell"),
    path("my/notices/<uuid:notice_id>", pages.open_, name="open"),
    path("my/notifications", pages.choose, name="settings"),
    path("my/notifications/addresses", pages.add, name="add-address"),
    path("my/notifications/addresses/<uuid:address_id>/verify", pages.verify, name="verify-address"),
    path("my/notifications/addresses/<uuid:address_id>/remove", pages.remove, name="remove-address"),
    path("my/notifications/device", pages.device, name="device"),
    path("unsubscribe/<str:token>", pages.unsubscribe, name="unsubscribe"),
]
