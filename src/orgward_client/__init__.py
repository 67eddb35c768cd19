"""The client library of Orgward: it speaks to a server and imports nothing of it."""
