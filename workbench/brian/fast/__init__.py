"""Brian2's C++ standalone device with faster templates of our own; results stay bytewise equal."""
