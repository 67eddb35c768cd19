"""Our own face, `/api/orgward/v1`: what the Admin API has no words for, in JSON without versions."""
