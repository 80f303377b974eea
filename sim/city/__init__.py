"""The city: its network of streets, rails and water, and the cast that stands on it."""
