"""The addresses of the field app."""

from django.urls import path

from linli.field import case, outbox, points, report, shell, today

app_name = "field"

urlpatterns = [
    path("", today.today, name="today"),
    path("all", today.listing, name="all"),
    path("me", today.me, name="me"),
    path("outbox", outbox.page, name="outbox"),
    path("points", points.mine, name="points"),
    path("points/claim", points.claim, name="points-claim"),
    path("points/rewards", points.rewards, name="points-rewards"),
    path("points/collect", points.collect, name="points-collect"),
    path("points/entry/<uuid:entry_id>", points.entry, name="points-entry"),
    path("points/redemption/<uuid:redemption_id>", points.redemption, name="points-redemption"),
    path("sync", outbox.sync, name="sync"),
    path("report", report.report, name="report"),
    path("report/categories", report.categories, name="report-categories"),
    path("report/done/<str:number>", report.done, name="report-done"),
    path("case/<str:number>", case.page, name="case"),
    path("case/<str:number>/photos", case.photos, name="photos"),
    path("case/<str:number>/photos/<uuid:photo>/<str:size>", case.photo, name="photo"),
    path("case/<str:number>/reporter", case.reporter, name="reporter"),
    path("case/<str:number>/places", case.places, name="places"),
    path("case/<str:number>/do/<slug:name>", case.do, name="do"),
    path("ground/<path:path>", case.ground, name="ground"),
    path("sw.js", shell.worker, name="worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("offline", shell.offline, name="offline"),
]
