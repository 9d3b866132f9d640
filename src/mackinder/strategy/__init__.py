"""Positions, bargaining, arrangements, games, the peace process."""
