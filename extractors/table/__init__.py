"""Line items: which lines are rows, which words stand in which column."""
