"""Missing scores: the finder, claims of schools, and the queue in which program staff decide."""
