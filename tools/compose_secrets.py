"""`make secrets`: the files that docker-compose.yml hands to its services, made once."""

import datetime as dt
import os
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools.paths import SECRETS, make_folders

FOLDER = SECRETS / "compose"
SELF_SIGNED_DAYS = 90


def write(name: str, text: str) -> None:
    """Write one secret unless it exists. The containers' users must read it: the folder is closed."""
    file = FOLDER / name
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        file.chmod(0o444)


def self_signed(host: str) -> tuple[str, str]:
    """A certificate and key for the first start; put your own in their place."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def read(name: str) -> str:
    """The text of a secret that exists."""
    return Path(FOLDER / name).read_text(encoding="utf-8")


def main() -> None:
    """Make every secret that is missing."""
    make_folders()
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    for name in ("secret_key", "field_key", "database_password", "redis_password"):
        write(name, secrets.token_urlsafe(64))
    write("database_url", f"postgresql://portal:{read('database_password')}@database:5432/portal")
    write("redis_url", f"redis://:{read('redis_password')}@redis:6379/0")
    if not (FOLDER / "tls_key").exists():
        certificate, key = self_signed(os.environ.get("PORTAL_HOST", "localhost"))
        write("tls_certificate", certificate)
        write("tls_key", key)
    print(f"Secrets are in {FOLDER}. Replace tls_certificate and tls_key by your own.")


if __name__ == "__main__":
    main()
