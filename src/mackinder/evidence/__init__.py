"""Claims, forecast questions and scores, the ledger."""
