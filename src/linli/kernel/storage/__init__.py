"""Photos: taken in, looked at, made harmless.

A photo comes in through :func:`~linli.kernel.storage.intake.receive`, which streams it to disk, believes its first bytes
and not its name, and refuses what would blow up on decoding. The *original* goes to the private shelf and is never shown:
it carries where and with which phone it was taken. A worker makes *renditions* from its pixels alone
(:func:`~linli.kernel.storage.rendering.process`), and only these are shown.

Files have the hash of their content in their name: the same file stored twice is one file, and none is ever overwritten by
another. Whoever deletes one must first see that nothing else refers to it.
"""
