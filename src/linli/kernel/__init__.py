"""The kernel: what every room stands on, written once.

Words: an *actor* acts through a *post*; an *action* is one function and one transaction; an *event* is what an action
tells the other rooms; a *command* is an action asked for from outside under a client-made key; a *deadline* is a row.

Invariants that the kernel keeps:

* every area-bound row carries the ``district`` it was born in, for ever (:mod:`linli.kernel.db`);
* an event is written in the transaction of the change it tells of, and is read only when no older transaction can still
  commit (:mod:`linli.kernel.events`);
* a command that is repeated returns its first answer and changes nothing (:mod:`linli.kernel.commands`);
* a deadline fires once, in order, also after an outage (:mod:`linli.kernel.deadlines`);
* who may do what is read from one table (:mod:`linli.kernel.trust.policy`), and every privileged act and every reading of
  personal data leaves an audit row (:mod:`linli.kernel.trust.audit`);
* nobody asks the system for the time or for randomness but :mod:`linli.kernel.time` and :mod:`linli.kernel.ids`.
"""
