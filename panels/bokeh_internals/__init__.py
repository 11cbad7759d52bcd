"""What is used of Bokeh and Panel beyond their documented interfaces."""
