"""Live simulation: a worker process per session, ticks, commands in, frames out."""
