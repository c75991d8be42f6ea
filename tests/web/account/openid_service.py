"""A sign-in service that speaks OpenID Connect, on a free port of this machine. It can be told to cheat."""

import base64
import datetime as dt
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "scoreport"
CLIENT_SECRET = "a secret of the service"


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, OTHER_KEY = _new_key(), _new_key()


class OpenIdService:
    """What the service says of whoever signs in there; tests change it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.key = KEY
        self.algorithm = "RS256"
        self.audience = CLIENT_ID
        self.issuer = ""
        self.configured_issuer = ""
        self.is_down = False
        self.answer: dict[str, str] | None = None
        self._codes: dict[str, str] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service._get(self)

            def do_POST(self) -> None:
                service._post(self)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def says(self, **claims: Any) -> None:
        """Say this of whoever signs in from now on."""
        self.claims = {"sub": "ann-1", "email": "ann@alder.example", "email_verified": True, "name": "Ann B"} | claims

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        asked = dict(parse_qsl(parts.query))
        if self.is_down:
            handler.send_error(503)
        elif parts.path == "/.well-known/openid-configuration":
            _send(handler, self._configuration())
        elif parts.path == "/authorize":
            self._authorize(handler, asked)
        elif parts.path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            _send(handler, {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})
        elif parts.path == "/userinfo" and handler.headers["Authorization"] == "Bearer a token":
            _send(handler, self.claims if self.userinfo is None else self.userinfo)
        else:
            handler.send_error(404)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.configured_issuer or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
        }

    def _authorize(self, handler: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        code = secrets.token_urlsafe()
        self._codes[code] = asked["code_challenge"]
        answer = self.answer or {"code": code}
        handler.send_response(302)
        handler.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}")
        handler.end_headers()

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        told = dict(parse_qsl(handler.rfile.read(int(handler.headers["Content-Length"])).decode()))
        challenge = self._codes.pop(told.get("code", ""), None)
        proof = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (told.get("client_id"), told.get("client_secret"), challenge) != (CLIENT_ID, CLIENT_SECRET, shown):
            handler.send_error(400)
            return
        now = dt.datetime.now(dt.UTC)
        statement = {
            "iss": self.issuer or self.url,
            "aud": self.audience,
            "iat": now,
            "exp": now + dt.timedelta(minutes=5),
        } | self.claims
        key: Any = self.key if self.algorithm.startswith("RS") else "a shared secret that nobody agreed upon at all"
        signed = jwt.encode(statement, "" if self.algorithm == "none" else key, self.algorithm, {"kid": "one"})
        _send(handler, {"access_token": "a token", "token_type": "Bearer", "id_token": signed})


def _send(handler: BaseHTTPRequestHandler, data: dict[str, Any]) -> None:
    body = json.dumps(data).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
