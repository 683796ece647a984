"""What a fresh server is given: two roles, one database, two extensions, and rights that later tables inherit.

`linli_owner` owns the tables and runs migrations; `linli_app`, as which the application connects, owns nothing, so that row-level
security holds for it.
"""

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from linli.kernel.embedded.server import Addresses

SUPERUSER = "postgres"
OWNER_ROLE = "linli_owner"
APP_ROLE = "linli_app"
DATABASE = "linli"
# pg_trgm: search of Chinese text; btree_gist: "no overlap within one district" as a constraint.
EXTENSIONS = ("pg_trgm", "btree_gist")


def prepare_server(addresses: "Addresses") -> None:
    """Create roles and database on a server that we made ourselves. Repeatable."""
    with psycopg.connect(addresses.url(SUPERUSER, database="postgres"), autocommit=True) as connection:
        create_roles(connection, {role: addresses.passwords[role] for role in (OWNER_ROLE, APP_ROLE)})
        create_database(connection, DATABASE)
    with psycopg.connect(addresses.url(SUPERUSER), autocommit=True) as connection:
        prepare_database(connection)


def create_roles(connection: psycopg.Connection[Any], passwords: dict[str, str]) -> None:
    """Create the login roles named in `passwords`, or set their passwords when they exist."""
    for role, password in passwords.items():
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER" if exists else "CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}").format(
                verb, sql.Identifier(role), sql.Literal(password)
            )
        )


def create_database(connection: psycopg.Connection[Any], name: str, *, template: str = "template1") -> None:
    """Create database `name`, owned by the owner role, unless it exists."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(template)
        )
    )


def prepare_database(connection: psycopg.Connection[Any]) -> None:
    """Extensions and rights inside one database; `connection` is a superuser's, to that database. Repeatable."""
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    owner, app = sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE)
    for statement in (
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT EXECUTE ON FUNCTIONS TO {app}",
    ):
        connection.execute(sql.SQL(statement).format(owner=owner, app=app))
