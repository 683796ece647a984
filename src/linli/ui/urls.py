"""The interface's own pages."""

from django.urls import path

from linli.ui import areas, views

app_name = "ui"

urlpatterns = [
    path("design", views.design, name="design"),
    path("design/outlines.geojson", views.design_outlines, name="design-outlines"),
    path("design/cases.geojson", views.design_cases, name="design-cases"),
    path("areas", areas.choose, name="areas"),
    path("preferences", views.preferences, name="preferences"),
]
