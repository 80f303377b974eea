"""Analysis: the model against the record - scorecards, calibration, null models."""
