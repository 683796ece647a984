"""The embedded PostgreSQL: a server of one's own inside the data folder, without anything installed on the machine.

Words: a *home* is the folder of one server (``<data>/postgres``); the *server* is the postmaster that runs on it; a *user* of
the server is any process of ours that has attached to it; the *owner* of a data folder is the one `serve` or `demo` that runs
on it.

Invariants: one server per home; never opened with binaries of another major version; passwords are generated, kept in the home,
readable by the invoking user only; the last user to leave stops the server, so nothing is left behind, and a user that was
killed with ``kill -9`` leaves a server that the next one finds and uses.

Nothing in here imports Django: the launcher has to work before settings exist.
"""

from linli.kernel.embedded.binaries import Binaries, find_binaries
from linli.kernel.embedded.errors import AlreadyOwned, EmbeddedError, OtherMajorVersion
from linli.kernel.embedded.server import Addresses, Server

__all__ = ["Addresses", "AlreadyOwned", "Binaries", "EmbeddedError", "OtherMajorVersion", "Server", "find_binaries"]
