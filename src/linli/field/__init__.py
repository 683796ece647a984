"""The field app: what a grid member sees and does outside, with one thumb on a phone, with or without a signal.

*Today* is what is due for this post, what is due first first, or in walking order; a case has one obvious next step; a report takes
a photo, a place and a few words. It can be put on the home screen. *Sync* names the pages that the phone keeps, sealed, for a dead
zone; the *outbox* holds what was sent and has not arrived (``docs/explanation/offline.md``).

Invariants: a form does the same whether a page posts it or the outbox does (``Accept: application/json``), once for its key; a page
with a reporter's number is never kept; the phone's position is never sent but as the place of a report. One module and one
template folder per subject: ``today``, ``case``, ``report``, ``outbox``, ``shell``; ``answers`` is what the outbox reads.
"""
