"""The store: schema, log, writer and reads; the only package that speaks SQL."""
