"""Live views: frames in, Bokeh pictures out."""
