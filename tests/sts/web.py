"""A web server of policies: web.py CERTIFICATE SITES LOG. SITES is JSON, read anew for each request: {"host": [status, type, body]}; a
body of a number is so many bytes. Each request is a line in LOG: host, path."""

import http.server
import json
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"]
        with open(sys.argv[3], "a") as f:
            f.write(f"{host} {self.path}\n")
        with open(sys.argv[2]) as f:
            status, kind, body = json.load(f).get(host, [404, "text/plain", ""])
        body = b"version: STSv1\n" + b"x: y\n" * (body // 5) if isinstance(body, int) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 301:
            self.send_header("Location", "https://mta-sts.enforce.p.example/.well-known/mta-sts.txt")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *words):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("ready", flush=True)
    server.serve_forever()


main()
