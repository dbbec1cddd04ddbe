"""`python -m eclgrmd`: the same as the command `eclgrmd`."""

import sys

from eclgrmd.cli import main

if __name__ == "__main__":
    sys.exit(main())
