"""Schemes and scores in and out of spreadsheets (workbooks.md sections 3 and 4).

A file is checked whole; each fault names sheet, cell, column and value. What is written goes through the same
actions and rules as on the pages.
"""

from scoring.exchange.export import export_matrix, export_scheme
from scoring.exchange.kinds import SCHEME_KIND, SCORES_KIND
from scoring.exchange.schemes import check_scheme, confirm_scheme, read_scheme, scheme_template
from scoring.exchange.scores import check_scores, confirm_scores, read_scores, scores_template

__all__ = [
    "SCHEME_KIND",
    "SCORES_KIND",
    "check_scheme",
    "check_scores",
    "confirm_scheme",
    "confirm_scores",
    "export_matrix",
    "export_scheme",
    "read_scheme",
    "read_scores",
    "scheme_template",
    "scores_template",
]
