"""What all live plots share."""
