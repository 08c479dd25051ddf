"""Optimization by Hand: the small NumPy implementation that every lesson of the book imports."""
