"""Where each type of organisation belongs when nobody has said otherwise."""
