"""Running the house: the supervisor of its processes, the checks before a start, and the commands that need no Django.

Words: a *process* is one of web, live, worker; the *supervisor* is the small parent that starts them, starts a dead one again and
stops them in order. It is the *owner* of the data folder while it runs, and keeps the embedded database alive as well.

Invariant: nothing in here but `live.py` imports Django, so that the supervisor stays small and cannot be brought down by the
application.
"""
