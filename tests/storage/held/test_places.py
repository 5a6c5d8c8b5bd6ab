"""Places that we may read: folder, HTTPS and S3; what each file comes to, and no false alarm."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import NotStored, StoreUnreachable
from storage.held.items import HeldItem
from storage.held.manifests import HeldList
from storage.held.parties import Arrangement, Party, Place, PlaceKind, Way
from storage.held.places import check_file, open_place, read_list
from storage.outcomes import Outcome
from tests.seaweed import ACCESS_KEY_ID, SECRET_ACCESS_KEY, bucket, raw
from tests.storage.held.making import FILES, ZORGDRAGER, codes, fill, folder_place, list_of
from tests.storage.held.web_server import Site, certificate, site

PATH = "2023/VTH-2023-0117/meting geluid (é).csv"
GONE = "2024/leeg.txt"
URL = "/2023/VTH-2023-0117/meting%20geluid%20%28%C3%A9%29.csv"


def party_at(place: Place) -> Party:
    return Party(
        id="rod",
        zorgdrager=ZORGDRAGER,
        name="Regionale Omgevingsdienst",
        task="milieu",
        basis=Arrangement.MANDATE,
        agreement="DVO",
        contact="archief",
        way=Way.READ,
        rhythm_days=30,
        place=place,
    )


def item(path: str = PATH, content: bytes | None = None, size: int | None = None) -> HeldItem:
    content = FILES[path] if content is None else content
    digest = hashlib.sha256(content).hexdigest()
    return HeldItem(1, path, digest, "", len(content) if size is None else size)


def check(place: Place, held: HeldItem) -> tuple[Outcome, list[str]]:
    try:
        checked = check_file(open_place(place), party_at(place), held)
    except StoreUnreachable:
        return Outcome.NOT_CHECKED, []
    return checked.outcome, codes(checked.findings)


class TestFolder:
    """A folder that is mounted here."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return fill(tmp_path / "partij")

    def test_every_file_of_any_name_is_read(self, folder: Path) -> None:
        for path in FILES:
            assert check(folder_place(folder), item(path)) == (Outcome.INTACT, [])

    def test_a_digest_of_512_bits_will_do(self, folder: Path) -> None:
        held = item()._replace(sha256="", sha512=hashlib.sha512(FILES[PATH]).hexdigest())

        checked = check_file(open_place(folder_place(folder)), party_at(folder_place(folder)), held)

        assert (checked.outcome, checked.sha256) == (
            Outcome.INTACT,
            hashlib.sha256(FILES[PATH]).hexdigest(),
        )

    @pytest.mark.parametrize(
        ("content", "outcome", "code"),
        [
            (b"punt;dB\n1;49\n", Outcome.DIFFERS, "S445"),
            (b"", Outcome.DIFFERS, "S445"),
            (FILES[PATH] + b"." * 100_000, Outcome.DIFFERS, "S449"),
        ],
    )
    def test_changed_bytes_differ(
        self, folder: Path, content: bytes, outcome: Outcome, code: str
    ) -> None:
        (folder / PATH).write_bytes(content)

        assert check(folder_place(folder), item()) == (outcome, [code])

    def test_a_file_that_is_gone_is_missing(self, folder: Path) -> None:
        (folder / GONE).unlink()

        assert check(folder_place(folder), item(GONE)) == (Outcome.MISSING, ["S446"])

    @pytest.mark.parametrize("manifest", ["lijst.sha256", ""])
    def test_a_folder_that_is_not_mounted_says_nothing(self, tmp_path: Path, manifest: str) -> None:
        for folder in (tmp_path / "leeg", tmp_path / "nergens"):
            (tmp_path / "leeg").mkdir(exist_ok=True)
            place = replace(folder_place(folder), manifest=manifest)
            assert check(place, item()) == (Outcome.NOT_CHECKED, [])

    def test_links_are_not_followed_and_pipes_never_wait(
        self, folder: Path, tmp_path: Path
    ) -> None:
        elsewhere = fill(tmp_path / "elders")
        (folder / PATH).unlink()
        (folder / PATH).symlink_to(elsewhere / PATH)
        assert check(folder_place(folder), item()) == (Outcome.UNREADABLE, ["S447"])

        (folder / PATH).unlink()
        os.mkfifo(folder / PATH)
        assert check(folder_place(folder), item()) == (Outcome.UNREADABLE, ["S447"])

        (folder / "2024").rename(folder / "oud")
        (folder / "2024").symlink_to(folder / "oud")
        assert check(folder_place(folder), item(GONE)) == (Outcome.UNREADABLE, ["S447"])

        (folder / PATH).unlink()
        (folder / PATH).mkdir()
        assert check(folder_place(folder), item()) == (Outcome.UNREADABLE, ["S447"])

    def test_the_list_is_read_from_its_place(self, folder: Path) -> None:
        party = party_at(folder_place(folder))

        assert read_list(party, open_place(folder_place(folder))) == HeldList(
            "lijst.sha256", list_of()
        )
        bare = party_at(replace(folder_place(folder), manifest=""))
        with pytest.raises(NotStored):
            read_list(bare, open_place(folder_place(folder)))


class TestWeb:
    """A real server, with and without TLS."""

    @pytest.fixture
    def tls(self, tmp_path: Path) -> tuple[Path, Path]:
        return certificate(tmp_path)

    @pytest.fixture
    def served(self, tmp_path: Path, tls: tuple[Path, Path]) -> Iterator[tuple[Site, Place]]:
        folder = fill(tmp_path / "partij" / "dossiers").parent
        with site(folder, tls=tls) as (server, address):
            yield (
                server,
                Place(PlaceKind.HTTPS, f"{address}/dossiers", "lijst.sha256", ca=str(tls[0])),
            )

    def test_every_file_is_read_over_https(self, served: tuple[Site, Place]) -> None:
        for path in FILES:
            assert check(served[1], item(path)) == (Outcome.INTACT, [])
        assert read_list(party_at(served[1]), open_place(served[1])).content == list_of()

    def test_changed_and_missing_files_are_found(
        self, served: tuple[Site, Place], tmp_path: Path
    ) -> None:
        folder = tmp_path / "partij" / "dossiers"
        (folder / PATH).write_bytes(b"anders")
        (folder / GONE).unlink()

        assert check(served[1], item()) == (Outcome.DIFFERS, ["S445"])
        assert check(served[1], item(GONE)) == (Outcome.MISSING, ["S446"])

    def test_a_certificate_that_nobody_knows_is_not_believed(
        self, served: tuple[Site, Place]
    ) -> None:
        unknown = replace(served[1], ca="")

        assert check(unknown, item()) == (Outcome.NOT_CHECKED, [])
        assert served[0].seen == []

    @pytest.mark.parametrize(
        ("fault", "outcome", "code"),
        [
            ("401", Outcome.NOT_CHECKED, ""),
            ("403", Outcome.NOT_CHECKED, "S448"),
            ("500", Outcome.UNREADABLE, "S447"),
            ("503", Outcome.UNREADABLE, "S447"),
            ("cut", Outcome.NOT_CHECKED, "S448"),
            ("packed", Outcome.NOT_CHECKED, "S448"),
            ("endless", Outcome.DIFFERS, "S449"),
            ("http://127.0.0.1:1/elders", Outcome.NOT_CHECKED, "S448"),
        ],
    )
    def test_what_a_server_does_wrong(
        self, served: tuple[Site, Place], fault: str, outcome: Outcome, code: str
    ) -> None:
        served[0].faults[f"/dossiers{URL}"] = fault

        assert check(served[1], item()) == (outcome, [code] if code else [])

    def test_a_server_that_lost_everything_says_nothing(
        self, served: tuple[Site, Place], tmp_path: Path
    ) -> None:
        (tmp_path / "partij" / "dossiers").rename(tmp_path / "weg")

        assert check(served[1], item()) == (Outcome.NOT_CHECKED, [])

    def test_who_we_are_is_told_from_a_file_and_never_shown(
        self, served: tuple[Site, Place], tmp_path: Path
    ) -> None:
        secrets = tmp_path / "rod.toml"
        for text, header in (
            ('user = "edepot"\npassword = "geheim"', "Basic ZWRlcG90OmdlaGVpbQ=="),
            ('token = "geheim"', "Bearer geheim"),
        ):
            secrets.write_text(text)
            place = replace(served[1], credentials=str(secrets))
            assert check(place, item()) == (Outcome.INTACT, [])
            assert served[0].seen[-1][2] == header
            assert "geheim" not in repr(open_place(place))

    @pytest.mark.parametrize(
        "address",
        ["http://rod.example/x", "ftp://rod.example", "https://", "https://x:99999", "x"],
    )
    def test_an_address_without_tls_or_sense_is_not_asked(self, address: str) -> None:
        with pytest.raises(StoreUnreachable):
            open_place(Place(PlaceKind.HTTPS, address))

    def test_this_machine_itself_may_be_asked_without_tls(self, tmp_path: Path) -> None:
        with site(fill(tmp_path / "partij")) as (_, address):
            place = Place(PlaceKind.HTTPS, address, "lijst.sha256")
            assert check(place, item()) == (Outcome.INTACT, [])
        assert check(place, item()) == (Outcome.NOT_CHECKED, [])


class TestBucket:
    """A bucket of the party's, on a real S3 server."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        stands = bucket(prefix="rod")
        for path, content in {**FILES, "lijst.sha256": list_of()}.items():
            raw(stands).put_object(Bucket=stands.bucket, Key=f"rod/{path}", Body=content)
        secrets = tmp_path / "rod.toml"
        secrets.write_text(
            f'access_key_id = "{ACCESS_KEY_ID}"\nsecret_access_key = "{SECRET_ACCESS_KEY}"\n'
        )
        return Place(
            PlaceKind.S3,
            stands.endpoint,
            "lijst.sha256",
            credentials=str(secrets),
            bucket=stands.bucket,
            prefix="rod/",
        )

    def test_every_file_is_read(self, place: Place) -> None:
        for path in FILES:
            assert check(place, item(path)) == (Outcome.INTACT, [])
        assert read_list(party_at(place), open_place(place)).content == list_of()

    def test_changed_and_missing_objects_are_found(self, place: Place) -> None:
        client = open_place(place).client  # type: ignore[attr-defined]
        client.put_object(Bucket=place.bucket, Key=f"rod/{PATH}", Body=b"anders")
        client.delete_object(Bucket=place.bucket, Key=f"rod/{GONE}")

        assert check(place, item()) == (Outcome.DIFFERS, ["S445"])
        assert check(place, item(GONE)) == (Outcome.MISSING, ["S446"])

    def test_without_access_or_bucket_nothing_is_said(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "fout.toml").write_text('access_key_id = "x"\nsecret_access_key = "y"\n')
        for wrong in (
            replace(place, credentials=str(tmp_path / "fout.toml")),
            replace(place, bucket="nergens-te-vinden"),
            replace(place, address="http://127.0.0.1:9"),
        ):
            assert check(wrong, item()) == (Outcome.NOT_CHECKED, [])

    def test_an_address_without_tls_is_not_asked(self, place: Place) -> None:
        with pytest.raises(StoreUnreachable):
            open_place(replace(place, address="http://s3.example"))
        with pytest.raises(StoreUnreachable):
            open_place(replace(place, credentials="/nergens.toml"))
