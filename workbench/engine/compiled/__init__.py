"""The engine that runs Brian2's standalone binary, live."""
