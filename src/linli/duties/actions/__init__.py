"""Every write of the room: the lists, admission, forms, proofs."""
