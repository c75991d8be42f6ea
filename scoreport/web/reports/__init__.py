"""The report of a program on screen: figures, exams, roster, one student, saved views, exports."""
