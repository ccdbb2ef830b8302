"""The text of docs/report.schema.json: the JSON Schema of what `feedpub build --report` writes.

`python tests/report_schema.py > docs/report.schema.json` (or `make docs`) writes it anew.
"""

import json

from feedpub.run_report import schema


def text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(text(), end="")
