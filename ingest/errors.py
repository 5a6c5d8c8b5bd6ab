"""The exceptions of ingest."""


class IngestError(Exception):
    """Root of every exception that ingest raises."""


class DeliveryUnreadable(IngestError):
    """What was handed over cannot be read at all: not there, or no permission."""


class StagingFailed(IngestError):
    """Staging cannot be written: full, not there, or no permission; the delivery may be fine."""


class ScannerAbsent(IngestError):
    """The virus scanner does not answer."""


class DeliveryBusy(IngestError):
    """Another process is taking in this delivery now."""


class AgreementInvalid(IngestError):
    """A submission agreement or mapping profile has a setting that cannot be.

    `text` says it in both languages; `key` is the setting, or the parser's words.
    """

    def __init__(self, nl: str, en: str, key: str = "") -> None:
        super().__init__(nl)
        self.text = {"nl": nl, "en": en}
        self.key = key
