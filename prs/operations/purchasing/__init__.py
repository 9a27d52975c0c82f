"""Buying: orders to suppliers, goods received, what that cost, and their bills."""
