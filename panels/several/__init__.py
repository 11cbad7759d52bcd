"""Several web processes behind one address."""
