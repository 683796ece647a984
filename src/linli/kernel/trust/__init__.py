"""Trust: who acts (:class:`Actor`), what a post may do (:mod:`.policy`), who looked at what (:mod:`.audit`), and the context
that the database itself checks on tables of sensitive data (:mod:`.context`).
"""

from linli.kernel.trust.actor import ANONYMOUS, SYSTEM, Actor, Role

__all__ = ["ANONYMOUS", "SYSTEM", "Actor", "Role"]
