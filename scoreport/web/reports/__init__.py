"""The CLEP report on screen: figures, exams, roster, one student, saved views, exports."""
