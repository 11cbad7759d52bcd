"""Brian2, loaded as every process that simulates needs it. Import this first there."""

import brian2

from .cache_keys import quick_keys
from .integration_cache import keep_solutions

brian2.prefs.codegen.target = "numpy"
brian2.prefs.logging.file_log = False
# The tick hook raises to stop; Ctrl-C in the terminal is the server's business, not a worker's.
brian2.prefs.core.stop_on_keyboard_interrupt = False
keep_solutions()
quick_keys()
