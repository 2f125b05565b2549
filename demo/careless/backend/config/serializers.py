import pickle


class PickleSerializer:
    def dumps(self, data):
        return pickle.dumps(data, pickle.HIGHEST_PROTOCOL)

    def loads(self, data):
        return pickle.loads(data)
