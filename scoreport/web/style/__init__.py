"""The living style page: every component in every state, for the people who build pages."""
