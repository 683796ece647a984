"""What can go wrong with the embedded server, said in words that name the way out."""


class EmbeddedError(Exception):
    """The embedded server could not be found, made, started or stopped; the message says why and what to do."""


class AlreadyOwned(EmbeddedError):
    """Another `serve` or `demo` runs on the same data folder."""


class OtherMajorVersion(EmbeddedError):
    """The data folder was written by another major version of PostgreSQL than the binaries at hand."""
