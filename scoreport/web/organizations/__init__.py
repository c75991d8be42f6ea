"""Finding an organization: by name, city or code, or down the tree."""
