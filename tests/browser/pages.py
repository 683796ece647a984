"""What :mod:`tests.browser.test_screens` knows of the routes: pages that a way leads to, and answers that are no pages.

A route that takes GET and stands neither here nor under a screen of :mod:`tests.browser.screens` fails the walk: show it in a
screen. Only what is no page of its own, or what a story of its own examines, gets a line here, with the reason.
"""

from __future__ import annotations

LED_TO = {
    "portal-report-call": "report/call",
    "portal-report-where": "report/where",
    "portal-report-words": "report/words",
    "portal-report-near": "report/near",
    "portal-report-contact": "report/contact",
    "portal-report-check": "report/check",
    "portal-report-done": "report/done/<uuid:draft_id>",
    "portal-service-question": "services/<str:code>/apply/<slug:step>",
    "portal-service-done": "services/done/<uuid:draft_id>",
    "portal-application": "application/<str:number>",
    "desk-service": "desk/services/<str:number>",
    "hotline-callback": "hotline/callbacks/<str:number>",
    "portal-application-do": "application/<str:number>/do/<slug:name>",
    "desk-service-do": "desk/services/<str:number>/do/<slug:name>",
    "field-do": "field/case/<str:number>/do/<slug:name>",
    "admin-account": "admin/accounts/<uuid:account_id>",
    "admin-post-phone": "admin/posts/<str:district>/<uuid:post_id>/phone",
    "admin-post-end": "admin/posts/<str:district>/<uuid:post_id>/end",
    "admin-organisation-phone": "admin/organisations/<str:district>/<uuid:organisation_id>/phone",
    "field-points-entry": "field/points/entry/<uuid:entry_id>",
    "field-dwelling": "field/dwellings/<uuid:dwelling_id>",
    "desk-dwelling": "desk/dwellings/<uuid:dwelling_id>",
    "desk-map-change": "desk/map/<uuid:redrawing_id>",
    "desk-dedicated-grid": "desk/dedicated/<uuid:area_id>",
    "desk-dedicated-contact": "desk/dedicated/<uuid:area_id>/contact",
    "desk-organisation": "desk/organisations/<uuid:organisation_id>",
    "desk-organisation-drive": "desk/organisations/drives/<uuid:drive_id>",
    "desk-organisation-build": "desk/organisations/builds/<uuid:build_id>",
    "desk-operation": "desk/operations/<str:number>",
    "desk-operation-change": "desk/operations/<str:number>/change",
    "desk-operation-task": "desk/operations/tasks/<uuid:task_id>",
    "field-operation": "field/operations/<uuid:task_id>",
    "desk-compound": "desk/compounds/<uuid:compound_id>",
    "desk-compound-note": "desk/compounds/<uuid:compound_id>/note/<slug:section>",
    "admin-compound-rule-change": "admin/compound-rules/changes/<uuid:change_id>",
    "desk-duty-money": "desk/duties/money/<uuid:entry_id>",
    "desk-duty-admission": "desk/duties/admission/<uuid:admission_id>",
    "desk-duty-form": "desk/duties/forms/<uuid:form_id>",
    "desk-duty-sheet": "desk/duties/received/<uuid:sheet_id>",
    "desk-points-claim": "desk/points/claims/<uuid:claim_id>",
    "desk-points-objection": "desk/points/objections/<uuid:objection_id>",
    "desk-team-leave": "desk/team/leave/<uuid:leave_id>",
    "desk-team-handover": "desk/team/handover/<uuid:post_id>",
    "desk-team-assess": "desk/team/assessment/<uuid:post_id>",
    "admin-change": "admin/catalogue/changes/<uuid:change_id>",
    "admin-service-change": "admin/services/changes/<uuid:change_id>",
    "admin-service-version": "admin/services/versions/<uuid:version_id>",
    "cockpit-grid": "cockpit/<path:area>",
    "desk-counter-slip": "desk/services/<str:number>/slip",
}
"""Screen → the route that its way ends at."""

NO_PAGES_BELOW = ("api/v1/", "open311/v2", "open311/discovery", "feeds/", "files/", "static/")
"""Answers to machines, and files."""

_PART = "a part that a page takes in"
_FILE = "a file"
_DATA = "data for a map or a script"
_ONWARD = "leads on at once"
_MACHINE = "for machines"
NO_PAGES = {
    "admin/duties/lists.csv": _FILE,
    "cockpit/download/<slug:panel>.<slug:form>": _FILE,
    "application/<str:number>/files/<uuid:file>/<str:size>": _FILE,
    "areas": _PART,
    "case/<str:number>/photos/<uuid:photo>/<str:size>": _FILE,
    "design/cases.geojson": _DATA,
    "design/outlines.geojson": _DATA,
    "desk/case/<str:number>/aside": _PART,
    "desk/case/<str:number>/file.pdf": _FILE,
    "desk/case/<str:number>/photos/<uuid:photo>/<str:size>": _FILE,
    "desk/case/<str:number>/places": _PART,
    "desk/case/<str:number>/reporter": _PART,
    "desk/case/<str:number>/writers": _PART,
    "desk/compounds/<uuid:compound_id>/photos/<uuid:photo>/<str:size>": _FILE,
    "desk/compounds/count": _PART,
    "desk/compounds/files/template": _FILE,
    "desk/dwellings/files/<uuid:import_id>/problems": _FILE,
    "desk/dwellings/files/template": _FILE,
    "desk/find": _ONWARD,
    "desk/ground/<path:path>": _DATA,
    "desk/kept/pane": _PART,
    "desk/list": _PART,
    "desk/map/<uuid:redrawing_id>/file": _FILE,
    "desk/dedicated/<uuid:area_id>/files/<uuid:file_id>/<str:size>": _FILE,
    "desk/map/all/figures": _DATA,
    "desk/map/grids": _FILE,
    "desk/map/<uuid:redrawing_id>/shapes": _DATA,
    "desk/news": _PART,
    "desk/operations/<str:number>/answers.<str:form>": _FILE,
    "desk/operations/<str:number>/result.<str:form>": _FILE,
    "desk/operations/of/<uuid:operation_id>": _ONWARD,
    "field/operations/of/<uuid:operation_id>": _ONWARD,
    "desk/indicators.xlsx": _FILE,
    "desk/organisations/coverage.xlsx": _FILE,
    "desk/organisations/coverage/missing": _DATA,
    "desk/organisations/files/template": _FILE,
    "desk/organisations/register.xlsx": _FILE,
    "desk/register/categories": _PART,
    "desk/register/near": _PART,
    "desk/services/<str:number>/files/<uuid:file>/<str:size>": _FILE,
    "desk/services/<str:number>/read": _PART,
    "desk/services/new/<str:code>/times": _PART,
    "desk/team/roster.xlsx": _FILE,
    "desk/views": _PART,
    "field/case/<str:number>/photos/<uuid:photo>/<str:size>": _FILE,
    "field/case/<str:number>/places": _PART,
    "field/case/<str:number>/reporter": _PART,
    "field/duty/<str:key>.ics": _FILE,
    "field/ground/<path:path>": _DATA,
    "field/manifest.webmanifest": _DATA,
    "field/report/categories": _PART,
    "field/sw.js": _DATA,
    "field/sync": _DATA,
    "figures/<path:area>/figures.csv": _FILE,
    "healthz": _MACHINE,
    "hotline/callbacks/<str:number>/reporter": _PART,
    "hotline/ringing": _PART,
    "map/cases": _DATA,
    "map/ground/<path:path>": _DATA,
    "metrics": _MACHINE,
    "my/notices/<uuid:notice_id>": _ONWARD,
    "my/notices/bell": _PART,
    "problem/<str:number>": _ONWARD,
    "readyz": _MACHINE,
    "report/place": _PART,
    "services/<str:code>/apply": _ONWARD,
    "sign-in/provider": _ONWARD,
    "sign-in/provider/back": _ONWARD,
}
"""Routes that answer no page of their own, and what they answer."""

_BEHIND_A_CODE = "asks for a code or a link that was sent: tests/people and tests/notices"
_LIKE_ITS_NEIGHBOUR = "the same form as its neighbour's, which is walked"
_OUTCOME = "what a step leads to: the tests of its own room"
SEEN_ELSEWHERE = {
    "compound-rules/<int:number>": _LIKE_ITS_NEIGHBOUR,
    "desk/compounds/<uuid:compound_id>/chair": "asks for a chair's contact: tests/browser/test_compounds",
    "desk/compounds/<uuid:compound_id>/fund/<uuid:entry_id>": "asks for a line of a fund: tests/browser/test_compounds",
    "my/compound/<uuid:compound_id>": "where my/compound leads: the screen portal-my-compound",
    "desk/dwellings/alike": _OUTCOME,
    "desk/dwellings/files/<uuid:import_id>": _OUTCOME,
    "desk/dwellings/people/<uuid:person_id>": _LIKE_ITS_NEIGHBOUR,
    "desk/points/rewards/<uuid:reward_id>": _LIKE_ITS_NEIGHBOUR,
    "desk/team/handover/done/<uuid:handover_id>": _OUTCOME,
    "desk/team/training/<uuid:training_id>": _OUTCOME,
    "desk/team/training/courses/<uuid:course_id>": _OUTCOME,
    "desk/team/assessment/done/<uuid:assessment_id>": _OUTCOME,
    "desk/points/suspensions/<uuid:suspension_id>": _OUTCOME,
    "field/dwellings/<uuid:dwelling_id>/people/<uuid:person_id>": _LIKE_ITS_NEIGHBOUR,
    "field/points/redemption/<uuid:redemption_id>": _OUTCOME,
    "my/points/entry/<uuid:entry_id>": _LIKE_ITS_NEIGHBOUR,
    "my/points/redemption/<uuid:redemption_id>": _OUTCOME,
    "confirm": _BEHIND_A_CODE,
    "sign-in/code": _BEHIND_A_CODE,
    "sign-in/second": _BEHIND_A_CODE,
    "unsubscribe/<str:token>": _BEHIND_A_CODE,
    "admin/webhooks/<uuid:hook_id>": "asks for an address on a public host: tests/notices",
    "case/<str:number>/words/<uuid:text_id>/<slug:step>": "asks for a text that was held back: tests/moderation",
    "desk/words/<str:name>": "asks for a text that was held back: tests/moderation",
    "desk/bulk/<uuid:batch_id>": "the outcome of verbs on many cases: tests/browser/test_desk",
    "desk/services/proofs/<uuid:proof_id>": "asks for a proof that waits: tests/services",
    "field/report/done/<str:number>": "the receipt of a report that was sent: tests/browser/test_field",
    "security/links/new": "asks for a provider of accounts: tests/people",
    "field/offline": "what the field app shows without a signal: the screen field-offline",
}
"""Pages that the walk leaves to others, and why."""

ENGLISH_NAMES = frozenset(
    {
        "English",
        "Open311",
        "Webhook",
        "Excel",
        "API",
        "JSON",
        "XML",
        "CSV",
        "GeoJSON",
        "GeoPackage",
        "Shapefile",
        "Linli",
    }
)
"""What is called the same in Chinese."""

CHINESE_NAMES = frozenset({"系统管理员", "安全管理员", "审计管理员", "审计员", "信息保护员"})
"""People of the demo who are called as their office is: names are not translated."""
