"""The addresses of the hotline."""

from django.urls import path

from linli.hotline import callbacks, figures, knowledge, screen

app_name = "hotline"

urlpatterns = [
    path("", screen.screen, name="screen"),
    path("ringing", screen.ringing, name="ringing"),
    path("ringing/<uuid:call_id>", screen.take, name="take"),
    path("caller", screen.caller, name="caller"),
    path("categories", screen.categories, name="categories"),
    path("beside", screen.beside, name="beside"),
    path("register", screen.register, name="register"),
    path("join/<str:number>", screen.join, name="join"),
    path("note", screen.note, name="note"),
    path("callbacks", callbacks.listing, name="callbacks"),
    path("callbacks/<str:number>", callbacks.callback, name="callback"),
    path("callbacks/<str:number>/reporter", callbacks.reporter, name="callback-reporter"),
    path("articles", knowledge.listing, name="articles"),
    path("articles/new", knowledge.write, name="article-new"),
    path("articles/<slug:code>", knowledge.article, name="article"),
    path("articles/<slug:code>/write", knowledge.write, name="article-write"),
    path("articles/<slug:code>/decide", knowledge.decide, name="article-decide"),
    path("articles/<slug:code>/withdraw", knowledge.withdraw, name="article-withdraw"),
    path("figures", figures.figures, name="figures"),
]
