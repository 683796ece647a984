"""Every write of the hotline: ``calls`` (ring, take, register, join, note), ``callbacks`` (tries), ``articles`` (write, let through).

All take the actor; each is one transaction. They raise what the loop's actions raise, and ``Invalid`` for an input.
"""
