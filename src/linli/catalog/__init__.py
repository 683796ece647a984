"""Catalogue: what kinds of matters there are, who takes each first, how fast, and what must be shown at the end.

Words: a *category* is one kind of matter (``EN01`` exposed refuse) and never goes away; a *version* of it is dated
configuration for the whole city (scope ``""``) or for one district (its code), where the district's goes before the city's;
a *change* is a proposed version: shown as a difference, previewed against last month's cases, then published; the *first
handler* is who takes a matter before anybody is called up (community first).

Invariants: at any moment at most one version of a category is in force in one scope (the database keeps it); a published
version is never edited, only followed by another; what a case was promised stays what it was.
"""
