"""Every write of the closed loop, by stage. Each function is one verb of the field and one transaction.

All take the actor, a :class:`~linli.cases.loop.Ref` and, but for those that only add, the ``version`` that the actor saw; all
return the case as it stands afterwards. They raise what :func:`linli.cases.loop.changing` raises, and ``Invalid`` for an input.
"""
