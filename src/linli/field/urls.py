"""The addresses of the field app."""

from django.urls import path

from linli.field import case, dwellings, operations, outbox, points, report, shell, team, today

app_name = "field"

urlpatterns = [
    path("", today.today, name="today"),
    path("all", today.listing, name="all"),
    path("me", today.me, name="me"),
    path("me/leave", team.leave, name="leave"),
    path("me/leave/<uuid:leave_id>/end", team.end_leave, name="leave-end"),
    path("me/duty", team.duty, name="duty"),
    path("me/duty/<uuid:shift_id>/swap", team.swap, name="duty-swap"),
    path("me/duty/swaps/<uuid:swap_id>", team.answer, name="duty-answer"),
    path("me/hands", team.hands, name="hands"),
    path("me/training", team.training, name="training"),
    path("me/assessment", team.assessment, name="assessment"),
    path("duty/<str:key>.ics", team.feed, name="duty-feed"),
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
    path("dwellings", dwellings.listing, name="dwellings"),
    path("dwellings/<uuid:dwelling_id>", dwellings.page, name="dwelling"),
    path("dwellings/<uuid:dwelling_id>/do/<slug:what>", dwellings.act, name="dwelling-do"),
    path("dwellings/<uuid:dwelling_id>/people/<uuid:person_id>", dwellings.person, name="dwelling-person"),
    path("operations/of/<uuid:operation_id>", operations.of, name="operation-of"),
    path("operations/<uuid:task_id>", operations.page, name="operation"),
    path("operations/<uuid:task_id>/do/<slug:what>", operations.act, name="operation-do"),
    path("ground/<path:path>", case.ground, name="ground"),
    path("sw.js", shell.worker, name="worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("offline", shell.offline, name="offline"),
]
