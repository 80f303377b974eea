"""Tests of the rules, each by itself."""
