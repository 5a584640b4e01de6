"""`:name` in a SQL template, in psycopg's notation `%(name)s`.

SQLAlchemy's `text()` was not taken: it finds binds inside strings ('12:30'), and its psycopg
dialect sends every string as VARCHAR, which PostgreSQL will not compare with a date.
"""

import re

_PARTS = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'     # a string with escapes
    | '(?:[^']|'')*'               # a string
    | "(?:[^"]|"")*"               # a quoted name
    | (?P<quote>\$\w*\$).*?(?P=quote)
    | --[^\n]*
    | /\*.*?\*/
    | ::                           # a cast
    | (?<![\w:]):(?P<bind>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


def to_psycopg(statement: str) -> str:
    """Leave strings, quoted names, comments and casts alone; double each percent sign."""
    parts, done = [], 0
    for part in _PARTS.finditer(statement):
        between = statement[done : part.start()] + ("" if part["bind"] else part[0])
        parts.append(between.replace("%", "%%"))
        if part["bind"]:
            parts.append(f"%({part['bind']})s")
        done = part.end()
    return "".join(parts) + statement[done:].replace("%", "%%")
