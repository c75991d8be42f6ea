"""Files that were prepared for somebody: what is being made, what can be fetched, and until when."""
