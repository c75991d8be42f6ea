"""Help: texts that anybody can read, requests that take the place of mails, and the desk that answers them."""
