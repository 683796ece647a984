"""A verifier of Linli's case log that shares no code with Linli: the standard library, psycopg and cryptography only.

It reads the log from a database or from an export, and the signed day roots from a folder outside the database, and
says which entry was edited, deleted or moved, which chain lost its tail and which case vanished. The format it checks
against is ``docs/algorithms/case-log.md``; nothing of the application is imported, on purpose.
"""
