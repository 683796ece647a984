"""Every write of the room: leaves, hand-overs, duty."""
