"""What more than one of the models uses."""
