"""The compiled kernel of the path simulator, and the layout of what it works on."""
