"""The SCIM 2.0 face: what identity providers push people and teams through (RFC 7643, RFC 7644)."""
