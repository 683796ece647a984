"""Writes of the room: places, street networks."""
