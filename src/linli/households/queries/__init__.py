"""Every read of the room; each takes an actor and gives only what that actor may see, names and numbers masked."""
