"""HTTP around the door: authentication, versions, paging, errors. No rule lives here."""
