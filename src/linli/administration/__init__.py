"""Administration: the door at ``/admin`` for those who set Linli up and those who watch over it.

Subjects: the catalogue (edited with a difference and a preview), the services (dated versions, edited alike), organisations and
posts, accounts and devices, the working calendar, and the audit. Each page asks the policy table by its verb; the menu shows what the
post may open and nothing else.
"""
