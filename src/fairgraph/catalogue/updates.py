def run_update():
    raise NotImplementedError
