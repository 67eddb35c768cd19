"""The pages, one module a noun; the template of each page stands in `templates` under the same name."""
