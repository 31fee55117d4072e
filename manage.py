#!/usr/bin/env python3
"""The two commands of this project, ``demo`` and ``test``, and all of Django's own.

Runs on the system's Python: what is missing is installed by thidua/bootstrap.py first.
"""

import os
import shutil
import sys


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  (this file is what finds out)
        for name in ("python3.11", "python3.12", "python3.13"):
            if shutil.which(name):
                os.execvp(name, [name, *sys.argv])  # noqa: S606
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return 2

    from thidua import bootstrap

    code = bootstrap.main(sys.argv[1:])
    if code is not None:
        return code

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thidua.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
