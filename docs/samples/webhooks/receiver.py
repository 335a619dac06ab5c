"""Receives Epay's webhooks, believes only what Epay signed, and acts once on each.

EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 python3 receiver.py
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Optional

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 65_536


def is_authentic(key: bytes, headers: Mapping[str, str], body: bytes, now: Optional[int] = None) -> bool:
    """Whether Epay signed this body with this key, no more than five minutes ago."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    try:
        age = (int(time.time()) if now is None else now) - int(timestamp)
    except ValueError:
        return False
    if not message_id or abs(age) > TOLERANCE_SECONDS:
        return False

    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    signatures = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(expected, signature.encode()) for signature in signatures)


def key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def act_on(message_id: str, event: dict) -> None:
    transaction = event.get("transaction")
    if transaction is None:
        return  # not a payment: an event type that this receiver does not know
    print("ok", message_id, transaction["reference"], transaction["status"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    timeout = 15  # seconds without a byte from the other side
    key = b""
    # In your application: a unique key in the database, inserted in the transaction of the event's effect.
    seen: set[str] = set()
    lock = threading.Lock()

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            return self.answer(HTTPStatus.BAD_REQUEST)
        body = self.rfile.read(int(length))
        if not is_authentic(self.key, self.headers, body):
            return self.answer(HTTPStatus.BAD_REQUEST)

        message_id = self.headers["webhook-id"]
        with self.lock:
            if message_id not in self.seen:
                self.seen.add(message_id)
                act_on(message_id, json.loads(body))
        self.answer(HTTPStatus.NO_CONTENT)

    def do_GET(self) -> None:
        self.answer(HTTPStatus.METHOD_NOT_ALLOWED)

    do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("allow", "POST")
        self.end_headers()


if __name__ == "__main__":
    Receiver.key = key_of(os.environ.get("EPAY_WEBHOOK_SECRET", ""))
    if not Receiver.key:
        sys.exit("EPAY_WEBHOOK_SECRET is not set to a whsec_… secret")
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 3000))), Receiver).serve_forever()
