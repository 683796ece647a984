"""Published rules of the territory as data: what a change of the micro-grids is checked against."""
