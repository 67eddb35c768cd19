"""The Atlas Administration API: one module a noun, each operation declared with its privilege and resource."""
