"""The ledger: points by published rules."""
