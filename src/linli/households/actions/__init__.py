"""Every write of the room: visits and proposals, decisions, matches, campaigns, readings in clear, imports."""
