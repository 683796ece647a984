"""The portal: the residents' door. Phone first, one column, four places: home, report, services, mine.

Whoever comes in here acts as a resident, also a colleague who works at another door (:func:`linli.portal.frame.visitor`).
A report in the making is a *draft*: sealed, in the visitor's session on the server, so that a dead tab or a refresh loses nothing
and no cookie holds a word of it. One module and one template folder per subject: ``report`` (one question a page), ``case`` (how
it goes on), ``follow`` (number and code), ``mine``, ``open`` (what everybody may know: map and list), ``home``, ``services``.
"""
