"""Decisions for other programs, as OpenID AuthZEN 1.0 words them: a face over the one engine."""
