"""The stores of the configuration, opened: folders and buckets."""

import os
import stat
import tomllib
from pathlib import Path

from edepot.config import Config, PutProof, S3Settings, StoreSettings
from edepot.errors import CredentialsExposed, CredentialsUnreadable
from storage.stores.base import Store
from storage.stores.local import LocalStore
from storage.stores.s3_place import S3Place

OTHERS = stat.S_IRWXG | stat.S_IRWXO
NEEDED = ("access_key_id", "secret_access_key")


def open_stores(config: Config) -> dict[str, Store]:
    """Every store of the configuration by its name; whether one answers shows when it is asked.

    Raises: CredentialsUnreadable; CredentialsExposed.
    """
    return {each.name: open_store(each) for each in config.stores}


def open_store(settings: StoreSettings) -> Store:
    """One store.

    Raises: CredentialsUnreadable; CredentialsExposed.
    """
    if settings.s3 is None:
        return LocalStore(settings.name, settings.path)
    # The libraries for S3 cost time to import, and a depot on folders does not need them.
    from storage.stores.s3 import S3Store  # noqa: PLC0415

    return S3Store(
        settings.name,
        s3_place(settings.s3),
        trust_checksum=settings.s3.put_proof is PutProof.CHECKSUM,
    )


def s3_place(settings: S3Settings) -> S3Place:
    """Where a bucket stands, with the credentials out of their file.

    Raises: CredentialsUnreadable; CredentialsExposed when others on this machine may read them.
    """
    access_key_id, secret_access_key = read_credentials(settings.credentials)
    return S3Place(
        endpoint=settings.endpoint,
        bucket=settings.bucket,
        prefix=settings.prefix,
        region=settings.region,
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
    )


def read_credentials(file: Path) -> tuple[str, str]:
    """access_key_id and secret_access_key out of a TOML file that its owner alone may read.

    Raises: CredentialsUnreadable; CredentialsExposed.
    """
    try:
        with file.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & OTHERS:
                raise CredentialsExposed(file=file, mode=f"{mode:04o}")
            said = tomllib.load(stream)
    except OSError as error:
        raise CredentialsUnreadable(file=file, detail=error.strerror or error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CredentialsUnreadable(file=file, detail="TOML") from error
    for name in NEEDED:
        if not isinstance(said.get(name), str) or not said[name]:
            raise CredentialsUnreadable(file=file, detail=name)
    return said["access_key_id"], said["secret_access_key"]
