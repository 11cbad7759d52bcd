"""Pure functions of spike times, used by models, tests, sweeps and apps alike."""
