"""The addresses of the portal; it has the root."""

from django.urls import path

from linli.kernel.storage.serving import public_photo
from linli.portal import applied, apply, call, case, feed, follow, home, mine, my_data, my_home, own_words, points, report, services
from linli.portal import open as open_problems
from linli.portal.frame import door

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("report", report.what, name="report"),
    path("report/call", report.call_first, name="report-call"),
    path("report/where", report.where, name="report-where"),
    path("report/place", report.place, name="report-place"),
    path("report/words", report.words, name="report-words"),
    path("report/near", report.near, name="report-near"),
    path("report/contact", report.contact, name="report-contact"),
    path("report/check", report.check, name="report-check"),
    path("report/done/<uuid:draft_id>", report.done, name="report-done"),
    path("report/again", report.again, name="report-again"),
    path("follow", follow.follow, name="follow"),
    path("follow/forget", follow.forget, name="follow-forget"),
    path("grid-member", call.page, name="grid-member"),
    path("my", mine.cases, name="my"),
    path("mine", mine.mine, name="mine"),
    path("my/points", points.mine, name="points"),
    path("my/points/claim", points.claim, name="points-claim"),
    path("my/points/rewards", points.rewards, name="points-rewards"),
    path("my/points/collect", points.collect, name="points-collect"),
    path("my/points/entry/<uuid:entry_id>", points.entry, name="points-entry"),
    path("my/points/redemption/<uuid:redemption_id>", points.redemption, name="points-redemption"),
    path("points-rules", points.rules, name="points-rules"),
    path("points-rules/<int:number>", points.rules, name="points-rules-of"),
    path("my/home", my_home.page, name="my-home"),
    path("my/data", my_data.page, name="data"),
    path("my/data/correct", my_data.correct, name="data-correct"),
    path("my/data/withdraw", my_data.withdraw, name="data-withdraw"),
    path("my/data/export", my_data.export, name="data-export"),
    path("my/data/erasure", my_data.erasure, name="data-erasure"),
    path("case/<str:number>", case.page, name="case"),
    path("case/<str:number>/rate", case.rate, name="rate"),
    path("case/<str:number>/reopen", case.reopen, name="reopen"),
    path("case/<str:number>/message", case.message, name="message"),
    path("case/<str:number>/words", own_words.page, name="own-words"),
    path("case/<str:number>/words/<uuid:text_id>/<slug:step>", own_words.do, name="own-words-do"),
    path("case/<str:number>/photos", case.photos, name="photos"),
    path("case/<str:number>/photos/<uuid:photo>/<str:size>", case.photo, name="photo"),
    path("problem/<str:number>", open_problems.problem, name="problem"),
    path("map", open_problems.page, name="map"),
    path("map/cases", open_problems.points, name="map-cases"),
    path("map/ground/<path:path>", open_problems.ground, name="ground"),
    path("feeds/<path:area>.atom", feed.cases, name="feed"),
    path("services", services.services, name="services"),
    path("services/done/<uuid:draft_id>", apply.done, name="apply-done"),
    path("services/<str:code>", services.guide, name="service"),
    path("services/<str:code>/start", services.start, name="service-start"),
    path("services/<str:code>/apply", apply.begin, name="apply"),
    path("services/<str:code>/again", apply.again, name="apply-again"),
    path("services/<str:code>/apply/<slug:step>", apply.step, name="apply-step"),
    path("applications", applied.mine, name="applications"),
    path("application/<str:number>", applied.page, name="application"),
    path("application/<str:number>/do/<slug:name>", applied.do, name="application-do"),
    path("application/<str:number>/files/<uuid:file>/<str:size>", applied.file, name="application-file"),
    path("files/<path:key>", door(public_photo), name="file"),
]
