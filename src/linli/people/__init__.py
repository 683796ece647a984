"""People: who acts, for which organisation, where and for how long; and how they sign in.

Words: an *account* is a person who can sign in; a *post* is account × role × organisation × area × term, and whoever acts for
an office does so through one; an *organisation* sits on an area and has a type and, where it is a department, a *function*
(``urban_management``) by which the catalogue names it; a *contact* is what a reporter left so that somebody can ring back; a
*device session* is a long sign-in of one phone or computer; a *one-time code* signs in without a password; a *second factor*
is an authenticator app's code that proves a person beside it, a *recovery code* stands in for it once; a *linked identity* is
an account of a sign-in provider that signs in to one here.

Invariants, kept by the database:

* logins are unique without regard to case, and so are phone numbers (by keyed hash);
* one account never holds the same role for the same organisation in the same area twice at a time, nor two of the three
  administrators' roles of one district or city at a time;
* contacts are read only inside a transaction that says who reads, how far they reach and what for (row-level security).

Kept by the actions: nobody holds two of the three administrators' roles anywhere at one time; a code dies after five minutes or
five wrong tries; every reading of a contact or of an account's name and number leaves an audit row; an authenticator's code is
taken once, and what is kept of recovery codes and of providers' subjects is a keyed hash. Kept by the session: a post that asks
for a second factor is not acted through without one, and privileged acts ask again whether it is still the same person.
"""
