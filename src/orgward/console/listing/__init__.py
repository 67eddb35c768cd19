"""What lists show: people, keys, invitations and what happened, each with its chips and names."""
