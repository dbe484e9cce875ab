"""Loopback doors that hold the user's token, so that nobody behind them has to.

`model.open_model` gives an agent a coding model: one model, a throw-away key, a hard budget. `space.open_space` gives
the probe a private Space: one host, no redirects, bounded answers. Both listen on 127.0.0.1 while they are open.
"""
