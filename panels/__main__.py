"""``python -m panels`` writes the files of all apps, as ``panel serve`` takes them."""

import sys

from panels.alone import files

sys.stdout.write("\n".join(map(str, files())) + "\n")
