"""The addresses of signing in."""

from django.urls import path

from linli.people import confirming, keys, security, views

app_name = "people"

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/code", views.send_code, name="send-code"),
    path("sign-in/code/enter", views.enter_code, name="enter-code"),
    path("sign-in/second", views.second, name="second"),
    path("sign-in/provider", security.to_provider, name="to-provider"),
    path("sign-in/provider/back", security.from_provider, name="from-provider"),
    path("confirm", confirming.confirm, name="confirm"),
    path("security", security.overview, name="security"),
    path("security/second-factor", security.second_factor, name="second-factor"),
    path("security/second-factor/codes", security.recovery_codes, name="recovery-codes"),
    path("security/second-factor/remove", security.remove, name="remove-second-factor"),
    path("security/links/new", security.new_link, name="new-link"),
    path("security/links/<uuid:link_id>/end", security.end_link, name="end-link"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("switch-post", views.switch_post, name="switch-post"),
    path("demo/become/<str:login>", views.become, name="become"),
    path("devices", views.devices, name="devices"),
    path("devices/members", views.phones, name="phones"),
    path("who-looked", views.looks, name="looks"),
    path("keys", keys.keys, name="keys"),
    path("keys/<uuid:key_id>/end", keys.end, name="end-key"),
]
