"""What is worth running for half an hour before a release; `make test` runs a short slice of it."""
