"""What runs outside the server's own process: queries and writes of callers, which can be stopped there and have no network.

``pool`` has the query processes, ``turns`` says whose turn it is, ``turn`` is one query from its start to its end, ``process`` the
server's end of one process; ``query`` and ``write`` are what runs in them, ``sealed`` takes the network from them, ``writes`` are the
writes themselves.
"""
