"""The plan: a scenario against a cast, and the record of a world laid out from both."""
