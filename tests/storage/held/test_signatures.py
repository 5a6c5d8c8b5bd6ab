"""Signatures of parties: each form is read, and each forgery is told apart."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from storage.held.errors import KeyNotUsable
from storage.held.signatures import (
    check_signature,
    read_public_key,
    read_ssh,
    sign_raw,
    sign_ssh,
    ssh_public_key,
)
from tests.storage.held.making import KEY, OTHER_KEY, codes, public

CONTENT = b"0" * 64 + b"  een.txt\n"
KEYGEN = shutil.which("ssh-keygen")


def check(content: bytes, signature: bytes) -> list[str]:
    return codes(check_signature(public(KEY), content, signature, "lijst"))


class TestKeys:
    """A public key is read in every form in which a party may have it."""

    def test_base64_pem_and_openssh_are_the_same_key(self) -> None:
        pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        ssh = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)

        forms = [public(KEY), pem.decode(), ssh.decode(), f"{ssh.decode()} archief@rod"]

        assert {read_public_key(each) for each in forms} == {public(KEY)}
        assert ssh_public_key(public(KEY)) == ssh.decode()

    @pytest.mark.parametrize(
        "text",
        ["", "geen sleutel", "AAAA", "ssh-rsa AAAAB3NzaC1yc2E=", "ssh-ed25519 ////", "é"],
    )
    def test_what_is_no_ed25519_key_is_refused(self, text: str) -> None:
        with pytest.raises(KeyNotUsable):
            read_public_key(text)

    def test_a_key_of_another_kind_in_pem_is_refused(self) -> None:
        other = generate_private_key(SECP256R1()).public_key()

        with pytest.raises(KeyNotUsable):
            read_public_key(
                other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            )


class TestForms:
    """Both kinds of signature, in every form, and what is wrong with forged ones."""

    @pytest.mark.parametrize(
        "shape",
        [
            sign_raw(KEY, CONTENT),
            KEY.sign(CONTENT),
            KEY.sign(CONTENT).hex().encode() + b"\n",
            sign_ssh(KEY, CONTENT),
            sign_ssh(KEY, CONTENT, "file", "sha256"),
            sign_ssh(KEY, CONTENT).replace(b"\n", b"\r\n"),
        ],
    )
    def test_a_good_signature_is_good_in_every_form(self, shape: bytes) -> None:
        assert check(CONTENT, shape) == []

    @pytest.mark.parametrize(
        ("signature", "code"),
        [
            (b"", "S410"),
            (b"  \n", "S410"),
            (b"geen handtekening", "S411"),
            (b"A" * 20_000, "S411"),
            (base64.b64encode(b"x" * 63), "S411"),
            (b"-----BEGIN SSH SIGNATURE-----\nAAAA\n", "S411"),
            (b"-----BEGIN SSH SIGNATURE-----\n!!\n-----END SSH SIGNATURE-----\n", "S411"),
            (sign_ssh(KEY, CONTENT, "git"), "S413"),
            (sign_ssh(OTHER_KEY, CONTENT), "S414"),
            (sign_ssh(KEY, CONTENT + b" "), "S415"),
            (sign_raw(OTHER_KEY, CONTENT), "S415"),
            (sign_raw(KEY, CONTENT + b" "), "S415"),
        ],
    )
    def test_a_forged_one_is_told_by_its_code(self, signature: bytes, code: str) -> None:
        assert check(CONTENT, signature) == [code]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"ssh-ed25519", b"ssh-ed25518"),
            (b"\x00\x00\x00\x06sha512", b"\x00\x00\x00\x06sha384"),
        ],
    )
    def test_another_algorithm_is_told(self, old: bytes, new: bytes) -> None:
        lines = sign_ssh(KEY, CONTENT).decode().split("\n")
        blob = base64.b64decode("".join(lines[1:-2])).replace(old, new)
        changed = "\n".join([lines[0], base64.b64encode(blob).decode(), *lines[-2:]])

        assert check(CONTENT, changed.encode()) == ["S412"]

    @given(st.data())
    def test_no_change_of_one_byte_of_it_is_overlooked(self, data: st.DataObject) -> None:
        lines = sign_ssh(KEY, CONTENT).decode().split("\n")
        blob = bytearray(base64.b64decode("".join(lines[1:-2])))
        at = data.draw(st.integers(0, len(blob) - 1))
        blob[at] ^= data.draw(st.integers(1, 255))
        changed = "\n".join([lines[0], base64.b64encode(bytes(blob)).decode(), *lines[-2:]])

        assert check(CONTENT, changed.encode()) != []

    @given(st.binary(max_size=300))
    def test_any_bytes_at_all_are_judged_without_failing(self, signature: bytes) -> None:
        head, foot = b"-----BEGIN SSH SIGNATURE-----\n", b"\n-----END SSH SIGNATURE-----\n"
        for each in (signature, head + base64.b64encode(b"SSHSIG\0\0\0\1" + signature) + foot):
            assert check(CONTENT, each) != []


@pytest.mark.skipif(KEYGEN is None, reason="no ssh-keygen here")
class TestInterop:
    """What OpenSSH's own program makes we read, and the other way round."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Callable[..., int]:
        pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        (tmp_path / "key").touch(mode=0o600)
        (tmp_path / "key").write_bytes(pem)
        (tmp_path / "lijst").write_bytes(CONTENT)

        def call(*arguments: str) -> int:
            with (tmp_path / "lijst").open("rb") as stream:
                done = subprocess.run(
                    [str(KEYGEN), "-Y", *arguments], cwd=tmp_path, stdin=stream, check=False
                )
            return done.returncode

        return call

    @pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
    def test_what_ssh_keygen_signs_is_good_here(
        self, run: Callable[..., int], tmp_path: Path, hash_name: str
    ) -> None:
        options = ("-f", "key", "-n", "edepot", "-O", f"hashalg={hash_name}")

        assert run("sign", *options, "lijst") == 0

        signature = (tmp_path / "lijst.sig").read_bytes()
        assert check(CONTENT, signature) == []
        assert read_ssh(signature).hash_name == hash_name

    def test_what_is_signed_here_is_good_for_ssh_keygen(
        self, run: Callable[..., int], tmp_path: Path
    ) -> None:
        (tmp_path / "sig").write_bytes(sign_ssh(KEY, CONTENT))
        (tmp_path / "wie").write_text(f"rod {ssh_public_key(public(KEY))}\n")
        options = ("-f", "wie", "-I", "rod", "-n", "edepot", "-s", "sig")

        assert run("verify", *options) == 0

        (tmp_path / "lijst").write_bytes(CONTENT + b" ")
        assert run("verify", *options) != 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_what_openssl_signs_is_good_here(tmp_path: Path) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "lijst").write_bytes(CONTENT)
    command = "openssl pkeyutl -sign -rawin -inkey key.pem -in lijst -out lijst.sig"

    subprocess.run(command.split(), cwd=tmp_path, check=True)

    assert check(CONTENT, (tmp_path / "lijst.sig").read_bytes()) == []
