"""Services: what residents can have done for them, from the first word of a search to the result.

Words: a *service* is one thing that a department or a community does for a resident, for ever under one code; a *version* of it
is dated configuration for the city or for one district (guide, form, proofs, clock, windows); a *fact* is one thing that somebody
needs to know to do it — a *person's fact* (name, phone, community, address, identity number), a *question* of the form, or a
*proof* (a fact that a department vouches for); an *application* is one resident's request for one service; a *slot* is a stretch of
time in one area, and a *seat* one of the places in it; a *step* is one entry of the application's log; a *change* is a next version of
a service, or its end, prepared and not yet published.

A fact is asked for only when nobody holds it. What the platform holds (the account's name, number and community, the answers of
earlier applications, the results of earlier services) is filled in with consent; what another department holds is fetched from it
with consent, and what it confirms is held from then on. Every service says how many facts it asks and how many it no longer asks.

The way of an application::

    submitted → accepted → done (rated)
        ↓  ↖        ↓ ↖
        needs_more (the clock stands)      refused → in review (another person decides) → accepted · refused
    withdrawn, at any time while it is open

Invariants:

* a seat holds one application and an application one seat: the database keeps both, so that no window is ever over its capacity;
* a step is never changed, and the app's database role has no right to touch it again;
* what a person says is sealed and under row-level security; staff see it masked, and in clear only with a purpose, which the
  person can read; it is deleted when its time is over, and the application's bare steps stay;
* a fact that the platform holds is used only with the resident's consent, and each use is an audit row that the resident reads;
* whoever refused an application does not decide on its review;
* what somebody fills in for a resident says how the resident agreed to it; its slip is for the post that took it in, for a day;
* an application keeps the version that it was made for, whatever is published or closed later;
* what nobody answers for is the district's operation centre's.

Data flow: a door calls an action with an Actor; the action locks the application (:func:`linli.services.steps.changing`) and leaves
it, one step, its clock and one event ``service.*`` in one transaction. Nothing here tells anybody anything: notices follow from the
events.
"""
