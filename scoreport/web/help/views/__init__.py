"""Views of help, one module for each thing that people do."""
