"""Where nodes, edges and labels of a diagram go."""
