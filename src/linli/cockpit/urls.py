"""The addresses of the cockpit: an area's path stands in them as it is."""

from django.urls import path

from linli.cockpit import day, downloads, page

app_name = "cockpit"

urlpatterns = [
    path("cockpit", page.own, name="own"),
    path("cockpit/download/<slug:panel>.<slug:form>", downloads.panel, name="download"),
    path("cockpit/day/<path:area>", day.page, name="day"),
    path("cockpit/<path:area>", page.area, name="area"),
]
