"""What happens in a pulse: one file and one function a step, in order."""
