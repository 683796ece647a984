"""What more than one door shows of a case: its names and faces, its log as sentences, its photos, the forms of its verbs.

The interface's components know nothing of cases; this folder does, and the doors (which may not know each other) share it.
"""
