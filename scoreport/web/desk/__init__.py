"""The program desk: score files from their upload to their acceptance, what waits, and questions of identity."""
