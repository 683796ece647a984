"""A sign-in provider that others wrote (oidc-provider-mock), as a process of its own; what it leaves out, PKCE, is asked for here.

``python -m tests.people.openid_provider`` prints the port that it listens on.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from urllib.parse import parse_qs, urlsplit

import flask
from oidc_provider_mock import app as provider
from werkzeug.serving import make_server


def guarded() -> flask.Flask:
    """The provider; clients are registered, a nonce is asked for, and a code is good only for whoever began (RFC 7636)."""
    app, begun = provider(require_client_registration=True, require_nonce=True), dict[str, str]()

    @app.before_request
    def verify() -> flask.Response | None:
        asked = flask.request
        if asked.path == "/oauth2/authorize" and asked.args.get("code_challenge_method") != "S256":
            return flask.make_response("a code challenge by S256 is asked for", 400)
        if asked.path == "/oauth2/token":
            digest = hashlib.sha256(asked.form.get("code_verifier", "").encode()).digest()
            if begun.pop(asked.form.get("code", ""), "") != base64.urlsafe_b64encode(digest).decode().rstrip("="):
                return flask.make_response(flask.jsonify(error="invalid_grant"), 400)
        return None

    @app.after_request
    def remember(answer: flask.Response) -> flask.Response:
        code = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
        if code and flask.request.path == "/oauth2/authorize":
            begun[code[0]] = flask.request.args["code_challenge"]
        return answer

    return app


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, guarded())
    print(server.server_port, flush=True)
    server.serve_forever()
