"""The grid workforce: roster, leave and cover, hand-over, duty."""
