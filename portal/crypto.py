"""Encryption of personal values and the keyed digests by which they are found (PIPL art. 51)."""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _fernet(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys.split(",")])


def _fernet_key(secret: str) -> bytes:
    """A Fernet key from a secret of any length (32 bytes of SHA-256, base64)."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.strip().encode()).digest())


def encrypt(text: str) -> str:
    """Encrypt under the newest key of FIELD_KEY (comma-separated, newest first)."""
    return _fernet(settings.FIELD_KEY).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt under any key of FIELD_KEY; raises InvalidToken when none fits."""
    return _decrypted(settings.FIELD_KEY, token)


@lru_cache(maxsize=256)
def _decrypted(keys: str, token: str) -> str:
    return _fernet(keys).decrypt(token.encode()).decode()


def lookup(value: str) -> str:
    """Digest by which an encrypted value is found: HMAC-SHA-256 of the trimmed, case-folded text."""
    folded = value.strip().casefold()
    if not folded:
        return ""
    key = settings.FIELD_KEY.split(",")[-1].strip().encode()
    return hmac.new(key, folded.encode(), hashlib.sha256).hexdigest()


# keys of staged values that name a person's phone or mail
PERSONAL_KEYS = frozenset({"phone", "email", "contact_phone"})
_SEALED = "sealed:"


def seal(values: dict[str, Any], known: dict[str, str] | None = None) -> dict[str, Any]:
    """Staged values with personal texts encrypted.

    `known` remembers texts from row to row of one chunk: thousands name the same contact.
    """
    known = {} if known is None else known
    sealed = dict(values)
    for key in PERSONAL_KEYS & values.keys():
        text = values[key]
        if text:
            if text not in known:
                known[text] = _SEALED + encrypt(text)
            sealed[key] = known[text]
    return sealed


def unseal(values: dict[str, Any]) -> dict[str, Any]:
    """What was sealed, in clear."""
    return {
        key: decrypt(value[len(_SEALED) :])
        if isinstance(value, str) and value.startswith(_SEALED)
        else value
        for key, value in values.items()
    }
