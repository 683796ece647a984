"""Notices: people and machines are told what happened, each once, over the channels that they chose.

Words: a *notice* tells one person of one event: a reporter that the case was taken up, a post that it has work. A *channel* is a way
outside the house (e-mail, web push, text message, WeChat template message); in the house itself every notice stands in the person's
list. An *address* is where a channel reaches a person, sealed at rest, and used only once it is verified. A *delivery* takes a notice
to an address. A *hook* is a machine's address to which signed events go, a *posting* one event on its way there.

Invariants:

* one notice per event and person, one delivery per notice and address, one posting per event and hook: unique constraints, so that an
  event that is read twice tells nobody twice; what is sent again after a breakdown carries the same id as before;
* a notice holds no words: number, category, state. What a person said never leaves the house this way, and a restricted case is called
  by its number alone;
* nothing is sent to an address that its owner has not verified, nor in the owner's quiet hours, but for what is most urgent;
* what is old is not sent any more: after an outage people find it in their list;
* a channel that is not set up is not offered;
* calls to the outside go to public addresses only (:mod:`linli.notices.outbound`), checked at the moment of connecting.

* what concerns one's own leave, duty, training, assessment and points stands in the list alone unless its reader chooses otherwise, and
  a notice of points never says how many.

Data flow: ``leave.*``, ``duty.*``, ``training.*``, ``certificate.*``, ``assessment.*``, ``operation.told.*``, ``operation.prepared``,
``brief.made``, ``supervision.*`` and ``points.*`` events →
:func:`linli.notices.own.on_own`; ``case.*`` events → :func:`linli.notices.handlers.on_cases` → :class:`~linli.notices.models.Notice` and
:class:`~linli.notices.models.Delivery` → the worker's job :func:`linli.notices.chores.deliver` → :mod:`linli.notices.channels`.
Beside it :func:`linli.notices.handlers.on_events` → :class:`~linli.notices.models.Posting` → :func:`linli.notices.chores.post`.
"""
