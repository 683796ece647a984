"""The addresses of the desk."""

from django.urls import path

from linli.desk import case, evidence, ground, inbox, register, reporter, services, verb

app_name = "desk"

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("list", inbox.listing, name="list"),
    path("views", inbox.views, name="views"),
    path("news", inbox.news, name="news"),
    path("find", inbox.find, name="find"),
    path("ground/<path:path>", ground.outlines, name="ground"),
    path("register", register.register, name="register"),
    path("register/categories", register.categories, name="register-categories"),
    path("register/near", register.near, name="register-near"),
    path("register/join/<str:number>", register.join, name="register-join"),
    path("services", services.queue, name="services"),
    path("services/proofs/<uuid:proof_id>", services.proof, name="proof"),
    path("services/<str:number>", services.page, name="application"),
    path("services/<str:number>/read", services.read, name="application-read"),
    path("services/<str:number>/files/<uuid:file>/<str:size>", services.file, name="application-file"),
    path("services/<str:number>/do/<slug:name>", services.do, name="application-do"),
    path("case/<str:number>", case.page, name="case"),
    path("case/<str:number>/aside", case.aside, name="case-aside"),
    path("case/<str:number>/slip", register.slip, name="slip"),
    path("case/<str:number>/reporter", reporter.reporter, name="reporter"),
    path("case/<str:number>/photos", evidence.upload, name="photos"),
    path("case/<str:number>/photos/<uuid:photo>/<str:size>", evidence.photo, name="photo"),
    path("case/<str:number>/places", verb.places, name="places"),
    path("case/<str:number>/undo", verb.undo, name="undo"),
    path("case/<str:number>/do/<slug:name>", verb.do, name="do"),
]
