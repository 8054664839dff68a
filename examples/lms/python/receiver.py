"""Receives webhooks. A delivery says that something changed, and the feed says what: so a delivery that comes late, twice
or out of order does no harm, and one that never comes is made up for by the next."""

import http.server
import threading

from standardwebhooks import Webhook, WebhookVerificationError

LARGEST = 1 << 20


def serve(store, secret, port, pull):
    """Answers deliveries, and pulls after each; first what changed while nobody listened."""
    webhook, wake = Webhook(secret), threading.Event()
    wake.set()

    class Receiver(http.server.BaseHTTPRequestHandler):
        timeout = 10  # seconds for a sender that says nothing

        def do_POST(self):
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LARGEST:
                return self.answer(413)
            try:
                webhook.verify(self.rfile.read(int(length)), dict(self.headers))
            except (WebhookVerificationError, ValueError):
                return self.answer(401)  # not from Repertoire, changed on its way, or too old
            # Noted before it is answered: what was answered is not sent again.
            note = "INSERT OR IGNORE INTO delivery (webhook_id) VALUES (?)"
            if store.run(note, self.headers["webhook-id"]).rowcount:
                wake.set()
            self.answer(204)

        def answer(self, status):
            self.send_response(status)
            self.end_headers()

    def follow():
        while wake.wait():
            wake.clear()
            pull()

    threading.Thread(target=follow, daemon=True).start()
    http.server.HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
