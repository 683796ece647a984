"""The design system: base pages, components, words of time, preferences, and the page that shows them all (/design).

Every door builds its pages from here, so that a thing looks and reads the same everywhere. The room knows nothing of cases,
people or areas: it is handed plain values (a due time, a state's name, a label) and draws them. What a base page needs to know of
the person in front of it (who is signed in, whom a demo may become, where live pages are) the doors give it through
`linli.ui.slots`. docs/reference/design-system.md is the list of components and how to call each.
"""
