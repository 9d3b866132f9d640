"""Families of indicators, one module each; catalogue.csv names them all."""
