"""What must hold before anything is attached, and at every moment in between."""
