"""Between the web server and Django: nobody gets a thread before their request is here, nor keeps one after the answer.

The web server (granian, as an ASGI server) calls :class:`scoreport.web.server.application.Front` for each request.
It costs a waiting client a few kilobytes of memory and no thread.
"""
