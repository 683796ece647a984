"""Households: who owns and who lives in which dwelling, told dwelling first and people after, and kept true by those who walk there.

Words: a *dwelling* is territory's; its *status* (owner occupied, let, vacant, absent, unknown) holds for a range of days; a *person* is an
entry of the register (nobody's account); a *residency* links a person to a dwelling in a kind (owner, tenant, household member, lodger)
for a range of days; a *source* says where a fact is from; a *proposal* is what somebody says has changed: it stands beside what is
accepted until a community worker accepts or refuses it; a *visit* is one verification of one dwelling (as it was, a change was
proposed, nobody was met); a *campaign* asks a community's grid members to verify every dwelling within a term; an *import* reads a file;
a *match* says of two persons that they are one (merged) or not (distinct).

How facts travel::

    phone (one tap, form) ─┐                    ┌─ accepted ─→ status, person, residency  (the row before is ended, never edited away)
    desk form             ─┼─→ proposal, visit ─┤
    file: what contradicts ┘                    └─ refused  ─→ stays in the history with its reason
    file: what is new ─────────────────────────────────────→  status, person, residency

Invariants, kept by the database: one accepted status a dwelling a day; one residency of a person in a dwelling and kind a day; one
person an identity number in a district; persons, residencies, proposals and the bad rows of a file are read only inside a transaction
that says who reads, how far they reach and what for (row-level security), and a person is reached only through a residency in reach.

Kept by the actions: nothing that is accepted is overwritten, and a proposal that is accepted can be taken back until something else has
changed; an identity number has its check figure right (GB 11643) and is never shown whole, to nobody; a child under fourteen is
registered only with a guardian's consent (Personal Information Protection Law, article 31); reading a name or number in clear takes a
purpose and leaves an audit row that the person can see; what nobody lives by any more is deleted after its term
(``rules/retention.csv``). No event, log line, error or figure holds anything personal.

A file goes by the fast path (``docs/algorithms/household-import.md``): sealed and hashed in Python a chunk at a time, laid by COPY into a
temporary table, checked and carried over by statements on whole sets, with the place reached in the same transaction.
"""
