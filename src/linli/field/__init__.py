"""The field app: what a grid member sees and does outside, with one thumb on a phone.

*Today* is what is due for this post, what is due first first; a case has one obvious next step; a report takes a photo, a place and
a few words. It can be put on the home screen; without a signal it says so honestly. Doing things without a signal comes with the
outbox. One module and one template folder per subject: ``today``, ``case``, ``report``, ``shell``.
"""
