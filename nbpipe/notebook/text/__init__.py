"""Notebooks kept as text: scripts with cell markers, Markdown, R Markdown, Quarto, and Databricks sources.

They are read into the same model as .ipynb files, with the line of the file that each line of a cell came from, and
changes are written back into the lines that they touch.
"""
