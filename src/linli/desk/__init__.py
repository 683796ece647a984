"""The desk: where communities, subdistricts, dispatchers, departments, verifiers, call takers and supervisors work.

Three panes: *views* (what waits, with counts), a *list* (what is due first comes first), a *case*. A view here reads the actor,
calls a query or an action of the cases room, and draws; what may be done next is the policy table's answer
(:func:`linli.cases.verbs.next_actions`), and a verb's form is drawn from the verb's own description. One module and one template
folder per subject: ``inbox``, ``case``, ``verb``, ``register``.
"""
