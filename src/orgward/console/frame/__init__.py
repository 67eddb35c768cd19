"""How the console is served: from a request to a page, an export or the end of a form, and the frame around each."""
