"""A small forum, as a real Django site: pages, an API by token, Django's own password reset."""
