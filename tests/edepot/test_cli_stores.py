"""The commands that add, move and list stores of a living depot."""

import json
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from edepot.cli import stores_add, stores_move, stores_shown  # noqa: F401 - before the fork
from edepot.cli.main import main
from edepot.config import FILE_NAME, StoreKind, read_config
from edepot.store_settings import NewStore, proposed, with_retired, with_store, with_stores_of
from tests.crash import Fault, Note, Story, sweep
from tests.edepot.shelf import FIRST, SECOND, Cli, Shelf
from tests.seaweed import bucket

ZORGDRAGERS = ("ooststellingwerf", "weststellingwerf", "opsterland")


def flat(text: str) -> str:
    return " ".join(text.split())


def settings(shelf: Shelf) -> str:
    return (shelf.config.folder / FILE_NAME).read_text("utf-8")


def needed(shelf: Shelf) -> dict[str, tuple[str, ...]]:
    config = read_config(shelf.config.folder / FILE_NAME)
    return {each.id: each.stores for each in config.zorgdragers}


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def packages_in(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in files_in(folder).items() if name.endswith(".zip")}


class TestAdd:
    """`edepot stores add`."""

    def test_a_folder_becomes_a_store_with_a_copy_of_everything(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        before = settings(shelf)

        answer = cli("stores", "add", "kluis", "--path", shelf.folder / "kluis", "--json")

        said = json.loads(answer.out)
        assert (answer.code, said["whole"], said["put"]) == (0, True, 2)
        there = files_in(shelf.folder / "kluis")
        assert packages_in(shelf.folder / "kluis") == packages_in(
            shelf.config.folder / "stores" / "kopie-1"
        )
        assert "ooststellingwerf/ledger/0000000004.checkpoint" in there
        assert needed(shelf) == dict.fromkeys(ZORGDRAGERS, ("kopie-1", "kopie-2", "kluis"))
        assert Path(said["settings_before"]).read_text("utf-8") == before
        assert json.loads(cli("verify", "--all", "--json").out)["totals"]["intact"] == 6

    def test_the_settings_keep_their_comments_and_their_order(self, cli: Cli, shelf: Shelf) -> None:
        before = settings(shelf).splitlines()

        cli("stores", "add", "kluis", "--path", shelf.config.folder / "stores" / "kluis")

        after = settings(shelf).splitlines()
        new = [line for line in after if line not in before]
        assert new == [
            'name = "kluis"',
            'path = "stores/kluis"',
            'stores = ["kopie-1", "kopie-2", "kluis"]',
            'stores = ["kopie-1", "kopie-2", "kluis"]',
            'stores = ["kopie-1", "kopie-2", "kluis"]',
        ]
        assert [line for line in before if line.startswith("#")] == [
            line for line in after if line.startswith("#")
        ]
        assert after.index('name = "kluis"') < after.index(
            next(line for line in after if line.startswith("# De zorgdragers"))
        )

    def test_only_for_one_zorgdrager(self, cli: Cli, shelf: Shelf) -> None:
        place = shelf.folder / "kluis"
        answer = cli("stores", "add", "kluis", "--path", place, "--zorgdrager", "opsterland")

        assert answer.code == 0
        assert needed(shelf)["ooststellingwerf"] == ("kopie-1", "kopie-2")
        assert needed(shelf)["opsterland"] == ("kopie-1", "kopie-2", "kluis")
        assert packages_in(place) == {}

    def test_a_plan_changes_nothing(self, cli: Cli, shelf: Shelf) -> None:
        before = settings(shelf)

        answer = cli("stores", "add", "kluis", "--path", shelf.folder / "kluis", "--plan")

        assert answer.code == 0
        assert "er is niets veranderd" in flat(answer.out)
        assert settings(shelf) == before
        assert not (shelf.folder / "kluis").exists()
        assert [each.name for each in shelf.config.folder.glob("*edepot.toml*")] == [FILE_NAME]

    def test_a_second_time_nothing_is_left_to_do(self, cli: Cli, shelf: Shelf) -> None:
        arguments = ("stores", "add", "kluis", "--path", shelf.folder / "kluis", "--json")
        cli(*arguments)
        before = settings(shelf)

        said = json.loads(cli(*arguments).out)

        assert (said["whole"], said["put"], said["settings_before"]) == (True, 0, None)
        assert settings(shelf) == before

    def test_S380_what_has_no_good_copy_is_told_and_the_rest_goes_on(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        for store in ("kopie-1", "kopie-2"):
            os.chmod(shelf.copy_of(FIRST, store), 0o600)
            shelf.copy_of(FIRST, store).write_bytes(b"weg")

        answer = cli("stores", "add", "kluis", "--path", shelf.folder / "kluis")

        assert answer.code == 4
        assert "geen goede kopie gevonden" in flat(answer.out)
        assert len(packages_in(shelf.folder / "kluis")) == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["kluis"],
            ["kluis", "--path", "x", "--bucket", "y"],
            ["kluis", "--kind", "s3", "--path", "x"],
            ["kluis", "--kind", "s3", "--endpoint", "https://s3.example.nl"],
            ["kopie-1", "--path", "elders"],
            ["kluis", "--path", "x", "--zorgdrager", "nergens"],
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_changes(
        self, arguments: list[str], cli: Cli, shelf: Shelf
    ) -> None:
        before = settings(shelf)

        assert cli("stores", "add", *arguments).code == 2
        assert settings(shelf) == before

    def test_a_name_or_place_that_cannot_be_is_refused_by_the_settings(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        before = settings(shelf)
        taken = shelf.config.folder / "stores" / "kopie-1"

        assert cli("stores", "add", "Kluis!", "--path", "x").code == 3
        assert cli("stores", "add", "kluis", "--path", taken).code == 3
        assert settings(shelf) == before

    def test_a_folder_with_other_things_is_refused(self, cli: Cli, shelf: Shelf) -> None:
        before = settings(shelf)

        assert cli("stores", "add", "kluis", "--path", shelf.folder).code == 4
        assert settings(shelf) == before


class TestMove:
    """`edepot stores move`."""

    def test_the_new_store_takes_the_place_of_the_old(self, cli: Cli, shelf: Shelf) -> None:
        old = shelf.config.folder / "stores" / "kopie-1"
        before = packages_in(old)
        cli("stores", "add", "kluis", "--path", shelf.folder / "kluis")

        answer = cli("stores", "move", "kopie-1", "kluis", "--json")

        said = json.loads(answer.out)
        assert (answer.code, said["whole"], said["retired"]) == (0, True, 2)
        assert files_in(old) == {}
        assert packages_in(shelf.folder / "kluis") == before
        assert needed(shelf) == dict.fromkeys(ZORGDRAGERS, ("kopie-2", "kluis"))
        config = read_config(shelf.config.folder / FILE_NAME)
        assert [each.name for each in config.stores if each.retired] == ["kopie-1"]
        totals = json.loads(cli("verify", "--all", "--json").out)["totals"]
        assert totals["intact"] == sum(totals.values()) == 4
        assert cli("ledger", "verify").code == 0
        assert json.loads(cli("rebuild", "--json").out)["findings"] == []
        assert cli("stores", "move", "kopie-1", "kluis").code == 0

    def test_copies_that_are_kept_stay(self, cli: Cli, shelf: Shelf) -> None:
        before = packages_in(shelf.config.folder / "stores" / "kopie-1")
        cli("stores", "add", "kluis", "--path", shelf.folder / "kluis")

        assert cli("stores", "move", "kopie-1", "kluis", "--keep").code == 0

        assert packages_in(shelf.config.folder / "stores" / "kopie-1") == before
        rows = {each["name"]: each for each in json.loads(cli("stores", "list", "--json").out)}
        assert (rows["kopie-1"]["retired"], rows["kopie-1"]["holding"]["copies"]) == (True, 2)

    def test_S381_a_damaged_copy_elsewhere_keeps_the_old_one(self, cli: Cli, shelf: Shelf) -> None:
        cli("stores", "add", "kluis", "--path", shelf.folder / "kluis")
        shelf.copy_of(SECOND, "kopie-2").unlink()

        answer = cli("stores", "move", "kopie-1", "kluis")

        assert answer.code == 4
        assert "voer dezelfde opdracht opnieuw uit" in flat(answer.out)
        assert [SECOND in name for name in packages_in(shelf.config.folder / "stores/kopie-1")] == [
            True
        ]
        config = read_config(shelf.config.folder / FILE_NAME)
        assert not any(each.retired for each in config.stores)

    def test_a_plan_tells_copies_bytes_and_cost(self, cli: Cli, shelf: Shelf) -> None:
        cli(
            "stores", "add", "kluis", "--path", shelf.folder / "kluis", "--zorgdrager", "opsterland"
        )
        text = settings(shelf).replace(
            'path = "stores/kopie-2"', 'path = "stores/kopie-2"\neuro_per_1000_requests = 500.0'
        )
        (shelf.config.folder / FILE_NAME).write_text(text)

        said = json.loads(cli("stores", "move", "kopie-1", "kluis", "--plan", "--json").out)

        size = sum(map(len, packages_in(shelf.config.folder / "stores" / "kopie-1").values()))
        assert said["zorgdragers"][0] == {
            "zorgdrager": "ooststellingwerf",
            "put": 2,
            "put_bytes": size,
            "retire": 2,
            "retire_bytes": size,
        }
        assert said["cost_euro"] == 2.0
        assert settings(shelf) == text
        assert "Kosten" in cli("stores", "move", "kopie-1", "kluis", "--plan").out

    @pytest.mark.parametrize("names", [("kopie-1", "kopie-1"), ("kopie-1", "x"), ("x", "kopie-1")])
    def test_stores_that_are_not_there_are_refused(self, names, cli: Cli, shelf: Shelf) -> None:
        before = settings(shelf)

        assert cli("stores", "move", *names).code == 2
        assert settings(shelf) == before

    def test_with_the_new_store_out_of_reach_the_policy_stays(self, cli: Cli, shelf: Shelf) -> None:
        cli(
            "stores", "add", "kluis", "--path", shelf.folder / "kluis", "--zorgdrager", "opsterland"
        )
        (shelf.folder / "kluis").rename(shelf.folder / "weg")
        before = settings(shelf)

        assert cli("stores", "move", "kopie-1", "kluis").code == 4
        assert settings(shelf) == before


class TestBuckets:
    """A bucket as a store."""

    def arguments(self, shelf: Shelf) -> list[object]:
        place = bucket()
        secret = shelf.config.folder / "keys" / "wolk.toml"
        secret.touch(0o600)
        secret.write_text(
            f'access_key_id = "{place.access_key_id}"\n'
            f'secret_access_key = "{place.secret_access_key}"\n'
        )
        named = ["--endpoint", place.endpoint, "--bucket", place.bucket, "--prefix", "edepot"]
        return ["stores", "add", "wolk", "--kind", "s3", *named, "--credentials", secret]

    def test_a_bucket_is_added_filled_checked_and_takes_the_place_of_a_folder(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        arguments = self.arguments(shelf)

        added, again = (json.loads(cli(*arguments, "--json").out) for _ in range(2))

        assert (added["whole"], added["put"], again["put"]) == (True, 2, 0)
        (said,) = json.loads(cli("stores", "check", "wolk", "--json").out)
        assert (said["store"], said["read_after_write"], said["parts"]) == ("wolk", "yes", "yes")
        assert "bewaart oude versies" in flat(cli("stores", "check", "wolk").out).lower()
        moved = json.loads(cli("stores", "move", "kopie-1", "wolk", "--json").out)
        assert (moved["whole"], moved["retired"]) == (True, 2)
        rows = {each["name"]: each for each in json.loads(cli("stores", "list", "--json").out)}
        assert (rows["wolk"]["kind"], rows["wolk"]["holding"]["copies"]) == ("s3", 2)
        totals = json.loads(cli("verify", "--all", "--json").out)["totals"]
        assert totals["intact"] == sum(totals.values()) == 4

    def test_a_bucket_that_is_not_there_changes_nothing(self, cli: Cli, shelf: Shelf) -> None:
        arguments = self.arguments(shelf)
        arguments[arguments.index("--bucket") + 1] = "er-is-geen-bucket"
        before = settings(shelf)

        answer = cli(*arguments)

        assert answer.code == 4
        assert "er is niets veranderd" in flat(answer.err)
        assert settings(shelf) == before


class TestCheck:
    """`edepot stores check`."""

    def test_folders_are_tried_out_and_left_as_they_were(self, cli: Cli, shelf: Shelf) -> None:
        before = files_in(shelf.config.folder / "stores")

        answer = cli("stores", "check", "--json")

        said = json.loads(answer.out)
        assert (answer.code, [each["store"] for each in said]) == (0, ["kopie-1", "kopie-2"])
        assert (said[0]["conditional_put"], said[0]["versions"]) == ("yes", "no")
        assert files_in(shelf.config.folder / "stores") == before

    def test_a_store_out_of_reach_is_told(self, cli: Cli, shelf: Shelf) -> None:
        (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")

        answer = cli("stores", "check", "kopie-2")

        assert answer.code == 4
        assert "niet vast te stellen" in flat(answer.out)

    def test_a_store_that_is_not_there_is_refused(self, cli: Cli) -> None:
        assert cli("stores", "check", "x").code == 2


class TestList:
    """`edepot stores list`."""

    def test_copies_and_the_oldest_check_are_told(self, cli: Cli, shelf: Shelf) -> None:
        (first, *_) = json.loads(cli("stores", "list", "--json").out)

        assert first["holding"]["copies"] == 2
        assert first["capabilities"]["durable"]
        assert (first["retired"], first["place"]) == (
            False,
            str(shelf.config.folder / "stores" / "kopie-1"),
        )
        assert "24-11-2026" in cli("stores", "list").out

    def test_without_a_database_the_stores_are_told_all_the_same(
        self, cli: Cli, shelf: Shelf
    ) -> None:
        shelf.config.database.unlink()

        (first, *_) = json.loads(cli("stores", "list", "--json").out)

        assert (first["reachable"], first["holding"]) == (True, None)


class TestSettings:
    """edepot.toml, edited."""

    def test_tables_in_another_form_are_edited_too(self) -> None:
        text = 'stores = [{name = "a", kind = "local", path = "x"}]\n'
        new = NewStore("b", StoreKind.LOCAL, (("path", "y"),))

        assert "b" in with_store(text, new)
        assert with_retired(with_store(text, new), "b").count("retired = true") == 1

    def test_a_list_over_several_lines_keeps_its_form(self) -> None:
        text = '[[zorgdragers]]\nid = "a"\nstores = [\n  "een",  # de kelder\n  "twee",\n]\n'

        edited = with_stores_of(text, {"a": ("twee", "drie")})

        assert '"twee"' in edited
        assert '"drie"' in edited
        assert '"een"' not in edited

    def test_what_is_not_accepted_leaves_everything_as_it_is(self, shelf: Shelf) -> None:
        file = shelf.config.folder / FILE_NAME
        os.chmod(file, 0o640)
        before = file.read_text("utf-8")

        with proposed(file, lambda text: with_retired(text, "kopie-9") + "# erbij\n") as (
            _,
            accept,
        ):
            assert file.read_text("utf-8") == before
            accept()

        assert file.read_text("utf-8") == before + "# erbij\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert file.with_name("edepot.toml.1").read_text("utf-8") == before


class MovingByCommand(Story):
    """The command is given, comes to an end somewhere, and is given again."""

    def __init__(self, stock: Path) -> None:
        self.stock = stock

    def prepare(self, folder: Path) -> None:
        shutil.copytree(self.stock, folder / "depot")
        depot = str(folder / "depot")
        add = ["stores", "add", "kluis", "--path", str(folder / "depot" / "kluis")]
        # Only the settings: filling is part of the move then.
        assert main(["--depot", depot, *add, "--zorgdrager", "opsterland"]) == 0

    def act(self, folder: Path, note: Note) -> None:
        note(str(main(["--depot", str(folder / "depot"), "stores", "move", "kopie-1", "kluis"])))

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        old, new = folder / "depot" / "stores" / "kopie-1", folder / "depot" / "kluis"
        good = packages_in(folder / "depot" / "stores" / "kopie-2")
        assert len(good) == 2
        assert packages_in(old) | packages_in(new) == good
        config = read_config(folder / "depot" / FILE_NAME)
        if whole:
            assert (history[-1], files_in(old), packages_in(new)) == ("0", {}, good)
            assert [each.name for each in config.stores if each.retired] == ["kopie-1"]
            assert config.zorgdragers[0].stores == ("kopie-2", "kluis")


def test_a_move_that_is_killed_anywhere_is_ended_by_the_same_command(
    shelf: Shelf, tmp_path: Path
) -> None:
    story = MovingByCommand(shelf.config.folder)

    hits = sweep(story, tmp_path, [Fault.KILL, Fault.EIO, Fault.ENOSPC], step=17)

    assert hits > 20
