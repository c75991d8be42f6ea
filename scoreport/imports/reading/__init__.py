"""Files of every kind as rows: CSV in its dialects, workbooks, and what spreadsheets left in them."""
