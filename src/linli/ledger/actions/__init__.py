"""Every write of the room, by stage: rules, one's own account, claims, objections, rewards, expiry."""
