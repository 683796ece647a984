"""The addresses of the cockpit: an area's path stands in them as it is."""

from django.urls import path

from linli.cockpit import behind, day, downloads, page, unusual

app_name = "cockpit"

urlpatterns = [
    path("cockpit", page.own, name="own"),
    path("cockpit/download/<slug:panel>.<slug:form>", downloads.panel, name="download"),
    path("cockpit/figure/<slug:metric>/<path:area>", behind.page, name="behind"),
    path("cockpit/unusual/<path:area>", unusual.page, name="unusual"),
    path("cockpit/day/<path:area>", day.page, name="day"),
    path("cockpit/<path:area>", page.area, name="area"),
]
