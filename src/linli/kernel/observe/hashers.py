"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """argon2id with the first parameters that OWASP's password storage guide names: t=2, m=19 MiB, p=1."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class CheapForTests(Argon2PasswordHasher):
    """The same algorithm at its least cost, so that a test may make accounts by the dozen."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
