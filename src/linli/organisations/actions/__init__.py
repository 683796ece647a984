"""Every write of the room: the register, the drives that fill it, the rules, and what comes with Linli."""
