"""The addresses of signing in."""

from django.urls import path

from linli.people import keys, views

app_name = "people"

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/code", views.send_code, name="send-code"),
    path("sign-in/code/enter", views.enter_code, name="enter-code"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("switch-post", views.switch_post, name="switch-post"),
    path("demo/become/<str:login>", views.become, name="become"),
    path("devices", views.devices, name="devices"),
    path("devices/members", views.phones, name="phones"),
    path("who-looked", views.looks, name="looks"),
    path("keys", keys.keys, name="keys"),
    path("keys/<uuid:key_id>/end", keys.end, name="end-key"),
]
