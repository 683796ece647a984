"""The hotline: one number (一号通), one screen for whoever answers it, from the first ring to the reporter's last word.

Words: a *call* is one telephone call, a row from its first ring or its first keystroke; its *outcome* is what became of it
(registered, joined to a case, told how a case stands, answered, passed on, a wrong number, abandoned); a *further* matter is a
second or later thing of the same caller in the same call, a case of its own; an *article* is a piece of
knowledge under one code for ever, a *version* of it is what somebody wrote and a second person let through; a *try* is one attempt
to reach the reporter of a verified case; an *exclusion* takes a case out of the figures of satisfaction.

The way of a call::

    ringing → open → ended (registered · joined · told · answered · passed on · wrong number)
          ↘ abandoned     ↘ abandoned

Invariants:

* every call is one row: what a telephone system announces is there from the first ring, and what is typed without one from the
  first keystroke; a screen that is closed leaves its call open, and the next screen shows it;
* a further matter is added by whoever took the call, soon after it; number and name are the call's, the figures count the call once;
* the caller's number is a contact of the people room (sealed, found by its keyed hash, under row-level security); nobody sees it in
  clear here but whoever has just typed it, and each look at a caller's history is an audit row with its purpose;
* seconds to register run on the server's clock, from the first ring taken or the first keystroke to the case;
* an article shows only when another person than its writer has let it through (the database keeps that), and until then the
  version before it stays;
* one ring is one try at one person: that nobody answered is noted for every case of the same call that waits for a word;
* a reporter who is not reached in three tries, spread over working time by ``rules/callbacks.yaml``, is *not reached*, and that counts
  as not satisfied; only two people with a reason take a case out of the figures, and its log says so.

Data flow: a door calls an action; ``calls.register`` and ``calls.join`` call the loop's intake in their own transaction, so that call
and case are there together or not at all; tries end in the loop's ``feedback``; the figures of satisfaction are the metrics room's. A
ringing call reaches the call taker's page through the live channel: it carries the post or the hotline that it rings for, never a number.
"""
