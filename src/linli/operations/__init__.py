"""Special operations (专项行动): one order of work to many places, answered by the field, watched while it runs.

Words: an *operation* is one order with a purpose, a *form* and a deadline; a *task* is the operation at one target (a grid, or an
organisation); an *answer* is what the field says of it; a *problem* is what an answer found, and becomes a case; a *template* keeps an
operation for the next season; a *version* is each state of purpose, form and deadline, kept for ever.

The way of an operation::

    draft ── send ──→ sent ── the deadline passes, everybody has answered ──→ stays readable
      │                ├── amend, extend ──→ the next version
      └ discard        └── stop ──→ stopped: what is open is withdrawn

Invariants:

* an operation belongs to who issues it; its tasks belong to the districts of their grids, and are made by one statement for all of them;
* nothing is sent that the duty list forbids, neither the operation's kind nor what it serves; :func:`actions.send` checks it;
* a form asks for nothing that the platform holds: what can be counted is filled in, what is held of persons is refused;
* ``Progress`` counts tasks by operation and community in the transaction of every change, so that it equals a recount at each moment;
* every action locks the operation before its tasks and its tasks before their progress, so that two never wait for each other;
* an answer says which version of the form it answers, and no amendment takes it away; stopping withdraws only what nobody answered;
* a rule prepares drafts for a season and tells their owner; it never sends;
* a task is in the hands of who holds its grid or the general grid around it, else of its community (:mod:`~linli.operations.holding`);
  preview, inbox and notices go by that alike.

Events: ``operation.*`` on the issuer's district, ``task.*`` on the grid. Readers of them (:mod:`~linli.operations.handlers`) say
``operation.told.*`` with the posts whose the tasks are, in portions for each district, from which the room of notices makes one notice
for each post however many tasks it has; and tell live pages which communities have new figures. So neither costs who sends or answers.

The 24-hour response rate is the share of tasks first answered within 24 hours of the sending, among those answered by then or whose 24
hours are over; how many are not counted yet is said beside it.
"""
