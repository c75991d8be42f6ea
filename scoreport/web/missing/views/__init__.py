"""The views of missing scores, by who opens them."""
