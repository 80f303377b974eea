"""Scenarios: one script a counterfactual, named by its file."""
