"""The ledger: points by published rules, on accounts that nobody can edit. Money comes onto it later.

Words: an *account* holds points of one unit in one district: a *person's*, or one of the house's (*issuing* gives, *withdrawn*,
*redeemed* and *expired* take). An *entry* is one transfer between a person's account and one of the house's; a *rule set* is the
dated list of rules; a *claim* is what needs somebody's confirmation before it becomes an entry; an *objection* is the person's word
against an entry, answered by somebody else in ten working days; a *reward* is what points are changed for, a *redemption* one such
change, collected with a code.

Invariants:

* one row is one transfer, so the sum of all accounts is zero by construction; an entry is never changed, carries the hash of the one
  before it in its account, and the app's database role has no right to touch it again; what was wrong is reversed by another entry;
* a person's balance is a row of its own with a check that it is not below zero, moved in the transaction of the entry. Nothing is
  ever owed: an entry says what its rule gives or takes (``nominal``), what moved (``amount``), and what limited it (a cap, the balance);
* one subject gives one person points by one rule once; one event likewise; an entry is reversed once: unique constraints;
* caps count by the day and the month in which it happened, where the city is;
* points that are taken away need two people, none of them the person; whoever had a hand in an entry does not answer an objection to it;
* after a breach that two people confirmed (``suspends`` in ``rules/ledger.yaml``) an account is *suspended*: nothing is gained and nothing
  changed for a reward until two people lift that; nothing of the past changes. An objection to the penalty that is upheld makes it as if
  it had never been;
* a balance is shown to its owner alone: there is no list of balances, no ranking and no query that would give one. A reviewer sees
  the one entry that was objected to, and the person can read that they looked;
* a resident collects points only after asking to; a report about a person or a household never gives points to anybody.

Data flow: domain events (``case.register``, ``case.verify``, ``case.sign_in``, ``case.merge``, ``dwelling.change_accepted``) →
:mod:`linli.ledger.handlers` → an award (:func:`linli.ledger.book.award`) or a claim → ``points.*`` events.
``docs/algorithms/points.md`` gives caps and expiry, ``rules/`` the published rules.
"""
