"""The closed loop: 社区发现—街镇呼叫—部门响应—协同整治.

A *request* is what a person says; a *case* is the governed record of what happened; a *work order* puts an organisation to work
on it (a *dispatch* hands the case over, a *call* asks a department to join); an *approval* is what needs a second person; a
*participant* reported the case or joined it; an *entry* of the case log is one step.

The way of a case::

    submitted → verifying → registered → dispatched → signed in → in disposal → disposed → verified → feedback → closed
                    ↘ rejected · merged      ↘ returned      ↘ called → joined     ↘ failed (rework)      ↘ reopened

Invariants:

* the log is the truth: state columns are its projection (``linli rebuild_cases`` makes one from the other); an entry is never
  changed, carries the hash of the one before it, and the app's database role has no right to touch it again;
* a case moves only along ``rules/loop.csv``, by a verb that the policy table gives the actor's post;
* whoever disposed never verifies; a rejection, an extension, a suspension and a valid return each take two people;
* what nobody answers for is the subdistrict's (首接负责, 属地管理);
* at most one deadline of a kind runs; what is paused says until when;
* each round of a case has its own proof and its own limits; time that was granted is not taken back;
* a restricted case is seen by its own people, its holder, and whoever its next step waits for, while it waits (``turns.py``);
* a command names the version that its user saw; a stale one is refused with the current state.

Data flow: a door calls an action with an :class:`~linli.kernel.trust.Actor`; the action locks the case
(:func:`linli.cases.loop.changing`), and leaves the case, one log entry, its deadlines and one event in one transaction. Figures,
points, notifications and live pages follow from the events.
"""
