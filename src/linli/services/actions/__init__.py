"""Every write of the room, by stage: loading the services, opening windows, applying, handling, proofs, what the resident does."""
