"""Verifies a webhook as its receivers do: {"secret", "headers", "body"} on standard input; fails where it is not genuine."""

import json
import sys

from standardwebhooks.webhooks import Webhook

given = json.load(sys.stdin)
Webhook(given["secret"]).verify(given["body"], given["headers"])
