"""Case to arcs with costs, times, rights and permissions; route sets."""
