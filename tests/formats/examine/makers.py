"""Real files of many kinds, made by real libraries, good and bad; each maker gives the path."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pikepdf
import typst
from odfdo import Document
from PIL import Image

PAGE = '#set document(title: "Besluit", date: datetime(year: 2024, month: 1, day: 1))\n= Besluit\n'


@cache
def typst_pdf(standard: str) -> bytes:
    """A page of text as PDF; `standard` such as "a-2b" or "1.7"."""
    words = PAGE + "Het college besluit de vergunning te verlenen. " * 200
    content = typst.compile(words.encode(), pdf_standards=[standard])
    assert isinstance(content, bytes)
    return content


def pdf(folder: Path, name: str = "besluit.pdf", standard: str = "1.7") -> Path:
    return _write(folder / name, typst_pdf(standard))


def pdfa(folder: Path, name: str = "besluit.pdf") -> Path:
    return pdf(folder, name, "a-2b")


def changed_pdf(folder: Path, change: Callable[[pikepdf.Pdf], None], **saving: object) -> Path:
    path = folder / "veranderd.pdf"
    with pikepdf.open(io.BytesIO(typst_pdf("1.7"))) as opened:
        change(opened)
        opened.save(path, **saving)  # type: ignore[arg-type]
    return path


def nothing(_: pikepdf.Pdf) -> None:
    pass


def pdf_locked(folder: Path) -> Path:
    return changed_pdf(folder, nothing, encryption=pikepdf.Encryption(owner="o", user="geheim"))


def pdf_restricted(folder: Path) -> Path:
    return changed_pdf(folder, nothing, encryption=pikepdf.Encryption(owner="o", user=""))


def pdf_script(folder: Path) -> Path:
    def change(opened: pikepdf.Pdf) -> None:
        opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")

    return changed_pdf(folder, change)


def pdf_launch(folder: Path) -> Path:
    def change(opened: pikepdf.Pdf) -> None:
        action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
        opened.Root.AA = pikepdf.Dictionary(WC=action)

    return changed_pdf(folder, change)


def pdf_attachment(folder: Path) -> Path:
    def change(opened: pikepdf.Pdf) -> None:
        opened.attachments["begroting.xlsx"] = pikepdf.AttachedFileSpec(opened, b"inhoud")

    return changed_pdf(folder, change)


def pdf_cut(folder: Path) -> Path:
    whole = typst_pdf("1.7")
    return _write(folder / "half.pdf", whole[: len(whole) // 2])


def pdf_tail_cut(folder: Path) -> Path:
    whole = typst_pdf("1.7")
    return _write(folder / "staart.pdf", whole[: len(whole) * 99 // 100])


def pdf_odd(folder: Path) -> Path:
    """A page whose content stream holds an operator too few: readable, with a flaw."""

    def change(opened: pikepdf.Pdf) -> None:
        opened.pages[0].Contents = opened.make_stream(b"q 1 0 0 1 0 0 cm ] ) Q\n")

    return changed_pdf(folder, change)


def pdfa_false(folder: Path) -> Path:
    """A PDF that says it is PDF/A-2b and runs a script."""
    path = folder / "schijn.pdf"
    with pikepdf.open(io.BytesIO(typst_pdf("a-2b"))) as opened:
        opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")
        opened.save(path)
    return path


def pdfa_of_pikepdf(folder: Path) -> Path:
    """A PDF/A-2b that pikepdf wrote and vouches for."""
    from pikepdf import pdfa as writer

    with pikepdf.new() as made:
        made.add_blank_page()
        writer.save(made, folder / "pikepdf.pdf", "2b")
    return folder / "pikepdf.pdf"


def pdfa_of_no_level(folder: Path) -> Path:
    """A PDF that claims a part of PDF/A that nobody wrote."""
    path = folder / "onbekend.pdf"
    with pikepdf.open(io.BytesIO(typst_pdf("a-2b"))) as opened:
        metadata = opened.Root.Metadata.read_bytes()
        changed = metadata.replace(b"<pdfaid:part>2", b"<pdfaid:part>9")
        opened.Root.Metadata.write(changed)
        opened.save(path)
    return path


@cache
def squeezed(megabytes: int) -> bytes:
    """So many MiB of zeros under three layers of Flate."""
    squeeze = zlib.compressobj(1)
    layer = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(megabytes))
    return zlib.compress(zlib.compress(layer + squeeze.flush(), 9), 9)


def pdf_bomb(folder: Path) -> Path:
    """A page whose content grows from some kilobytes to 300 MiB."""
    layer = squeezed(300)

    def change(opened: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(opened, b"")
        stream.write(layer, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * 3))
        opened.pages[0].Contents = opened.make_indirect(stream)

    return changed_pdf(folder, change)


def docx_file(folder: Path, name: str = "brief.docx") -> Path:
    document = docx.Document()
    document.add_paragraph("Geachte mevrouw, " * 50)
    document.save(str(folder / name))
    return folder / name


def xlsx_file(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["zaak", "bedrag"])  # type: ignore[union-attr]
    book.save(folder / "tabel.xlsx")
    return folder / "tabel.xlsx"


def odt_file(folder: Path, name: str = "brief.odt") -> Path:
    Document("text").save(str(folder / name))
    return folder / name


def ods_file(folder: Path) -> Path:
    Document("spreadsheet").save(str(folder / "tabel.ods"))
    return folder / "tabel.ods"


def rezipped(
    source: Path, target: str, *, add: dict[str, bytes] | None = None, stored: bool = True
) -> Path:
    """The ZIP again, with members added or replaced; a mimetype stays stored unless told."""
    path = source.with_name(target)
    added = add or {}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            plain = entry.filename == "mimetype" and stored
            method = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            content = added.pop(entry.filename, None)
            new.writestr(entry.filename, content or old.read(entry), compress_type=method)
        for name, content in added.items():
            new.writestr(name, content)
    return path


def docx_macro(folder: Path) -> Path:
    added = {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(600)}
    return rezipped(docx_file(folder), "macro.docm", add=added)


def ods_macro(folder: Path) -> Path:
    module = b'<?xml version="1.0"?><module name="M">Sub Auto : End Sub</module>'
    return rezipped(ods_file(folder), "macro.ods", add={"Basic/Standard/Module1.xml": module})


def docx_template(folder: Path) -> Path:
    rels = (
        b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
        b'2006/relationships"><Relationship Id="r1" TargetMode="External" Target="http://e/x.dotm" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'attachedTemplate"/></Relationships>'
    )
    return rezipped(docx_file(folder), "sjabloon.docx", add={"word/_rels/x.xml.rels": rels})


def docx_dde(folder: Path) -> Path:
    part = b'<?xml version="1.0"?><a>DDEAUTO c:\\windows\\system32\\cmd.exe</a>'
    return rezipped(docx_file(folder), "dde.docx", add={"word/extra.xml": part})


def odt_outside(folder: Path) -> Path:
    """An ODT with a picture that is fetched from elsewhere."""
    part = (
        b'<?xml version="1.0"?><a xmlns:draw="d" xmlns:xlink="x">'
        b'<draw:image xlink:type="simple" xlink:href="http://example.nl/x.png"/></a>'
    )
    return rezipped(odt_file(folder), "buiten.odt", add={"extra.xml": part})


def docx_embedded(folder: Path) -> Path:
    added = {"word/embeddings/oleObject1.bin": b"inhoud"}
    return rezipped(docx_file(folder), "ingesloten.docx", add=added)


def docx_broken_xml(folder: Path) -> Path:
    return rezipped(docx_file(folder), "stuk.docx", add={"word/document.xml": b"<w:document>"})


def docx_bad_crc(folder: Path) -> Path:
    """A member whose bytes were altered after it was packed."""
    path = docx_file(folder)
    stored = folder / "crc.docx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    content = stored.read_bytes()
    place = content.index(b"Geachte mevrouw")
    return _write(stored, content[:place] + b"geachte" + content[place + 7 :])


def docx_cut(folder: Path) -> Path:
    whole = docx_file(folder).read_bytes()
    return _write(folder / "half.docx", whole[: len(whole) // 2])


def docx_bomb(folder: Path) -> Path:
    path = folder / "bom.docx"
    with (
        zipfile.ZipFile(docx_file(folder)) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename == "word/document.xml":
                with new.open(entry.filename, "w", force_zip64=True) as stream:
                    for _ in range(100):
                        stream.write(b" " * (1 << 20))
            else:
                new.writestr(entry.filename, old.read(entry))
    return path


def docx_locked(folder: Path) -> Path:
    """A password-protected document, by msoffcrypto."""
    from msoffcrypto.format.ooxml import OOXMLFile

    path = folder / "geheim.docx"
    with docx_file(folder).open("rb") as plain, path.open("wb") as locked:
        OOXMLFile(plain).encrypt("geheim", locked)
    return path


def odt_locked(folder: Path) -> Path:
    """An ODT whose manifest says that its parts are encrypted, as LibreOffice writes it."""
    source = odt_file(folder)
    with zipfile.ZipFile(source) as archive:
        manifest = archive.read("META-INF/manifest.xml")
    entry = b"<manifest:file-entry "
    secret = b"</manifest:file-entry>"
    secret = b"<!-- --><manifest:encryption-data manifest:checksum='x'/>"
    changed = manifest.replace(b"</manifest:manifest>", secret + b"</manifest:manifest>")
    assert entry in manifest
    return rezipped(source, "geheim.odt", add={"META-INF/manifest.xml": changed})


def odt_packed_mimetype(folder: Path) -> Path:
    return rezipped(odt_file(folder), "mimetype.odt", stored=False)


def png(folder: Path, name: str = "foto.png") -> Path:
    Image.effect_noise((120, 90), 60).save(folder / name)
    return folder / name


def jpeg(folder: Path, name: str = "foto.jpg") -> Path:
    Image.effect_noise((240, 180), 60).convert("RGB").save(folder / name, quality=90)
    return folder / name


def tiff(folder: Path, name: str = "scan.tif") -> Path:
    Image.effect_noise((240, 180), 60).save(folder / name)
    return folder / name


def gif(folder: Path) -> Path:
    Image.effect_noise((60, 60), 60).convert("P").save(folder / "beeld.gif")
    return folder / "beeld.gif"


def jp2(folder: Path) -> Path:
    Image.effect_noise((120, 120), 60).save(folder / "beeld.jp2")
    return folder / "beeld.jp2"


def png_bomb(folder: Path) -> Path:
    """A PNG of 30,000 by 30,000 that stands in some hundred bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    content += chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")
    return _write(folder / "bom.png", content)


def tiff_large(folder: Path) -> Path:
    """A TIFF of 13,000 by 12,000 in one bit, stored: larger than we decode, but no bomb."""
    path = folder / "kaart.tif"
    Image.new("1", (13_000, 12_000)).save(path)
    return path


def eml(folder: Path, name: str = "bericht.eml", **more: object) -> Path:
    return _write(folder / name, bytes(message(**more)))


def message(attachment: str = "bijlage.pdf", content: bytes = b"x" * 300) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "burger@example.nl"
    made["To"] = "gemeente@example.nl"
    made["Subject"] = "Klacht"
    made["Date"] = "Mon, 01 Jan 2024 10:00:00 +0100"
    made["Message-ID"] = "<1@example.nl>"
    made.set_content("Geachte gemeente,\n")
    made.add_attachment(
        content, maintype="application", subtype="octet-stream", filename=attachment
    )
    return made


def eml_program(folder: Path) -> Path:
    return eml(folder, attachment="factuur.pdf.exe", content=program_bytes())


def eml_nested_container(folder: Path) -> Path:
    return eml(folder, attachment="map.zip")


def eml_defect(folder: Path) -> Path:
    whole = bytes(message())
    return _write(folder / "defect.eml", whole[: whole.rindex(b"--")].replace(b"Date:", b"X-D:"))


def eml_deep(folder: Path, depth: int = 2000) -> Path:
    lines = ["From: a@example.nl", "Date: Mon, 01 Jan 2024 10:00:00 +0100", "MIME-Version: 1.0"]
    for each in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="b{each}"', "", f"--b{each}"]
    lines += ["Content-Type: text/plain", "", "diep"]
    return _write(folder / "diep.eml", "\n".join(lines).encode())


def eml_locked(folder: Path) -> Path:
    words = (
        "From: a@example.nl\r\nTo: b@example.nl\r\nDate: Mon, 01 Jan 2024 10:00:00 +0100\r\n"
        "Message-ID: <2@example.nl>\r\nMIME-Version: 1.0\r\nSubject: geheim\r\nContent-Type: "
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    )
    return _write(folder / "geheim.eml", words.encode())


def zip_file(folder: Path, members: dict[str, bytes] | None = None, name: str = "map.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in (members or {"brief.txt": b"Geachte heer,\n" * 40}).items():
            archive.writestr(member, content)
    return folder / name


def zip_program(folder: Path) -> Path:
    return zip_file(folder, {"setup.exe": program_bytes(), "map.zip": b"PK\x05\x06" + bytes(18)})


def zip_locked(folder: Path) -> Path:
    """A ZIP whose members bear the flag of encryption."""
    content = bytearray(zip_file(folder).read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return _write(folder / "geheim.zip", bytes(content))


def tar_file(folder: Path, name: str = "map.tar") -> Path:
    with tarfile.open(folder / name, "w") as archive:
        for member in ("brief.txt", "setup.exe"):
            entry = tarfile.TarInfo(member)
            entry.size = 3000
            archive.addfile(entry, io.BytesIO(b"MZ" + bytes(2998)))
    return folder / name


def tar_cut(folder: Path) -> Path:
    whole = tar_file(folder).read_bytes()
    return _write(folder / "half.tar", whole[: len(whole) // 2 - 100])


def gz_file(folder: Path) -> Path:
    return _write(folder / "log.gz", gzip.compress(b"regel\n" * 5000))


def gz_cut(folder: Path) -> Path:
    whole = gz_file(folder).read_bytes()
    return _write(folder / "half.gz", whole[:-9])


def program_bytes() -> bytes:
    """The head of a Windows program."""
    return b"MZ" + bytes(58) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00" + bytes(200)


def program(folder: Path, name: str = "setup.exe") -> Path:
    return _write(folder / name, program_bytes())


def text(folder: Path, content: str | bytes = "Geachte heer,\n", name: str = "brief.txt") -> Path:
    return _write(folder / name, content if isinstance(content, bytes) else content.encode())


def workbook_with_macro_sheet(folder: Path) -> Path:
    """A BIFF8 stream that names a macro sheet, in an OLE2 file."""
    stream = struct.pack("<HHHH", 0x809, 4, 0x600, 5)
    stream += struct.pack("<HHIBB", 0x85, 10, 0, 0, 1) + b"\x02\x00XL"
    stream += struct.pack("<HH", 0x0A, 0)
    return _write(folder / "oud.xls", compound({"Workbook": stream}))


def outlook_message(folder: Path, attachment: str = "factuur.js") -> Path:
    """An OLE2 file with the streams that name an attachment in an Outlook message."""
    streams = {
        "__properties_version1.0": bytes(64),
        "__nameid_version1.0": bytes(8),
        "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"),
        "__substg1.0_3707001F": attachment.encode("utf-16-le"),
    }
    return _write(folder / "bericht.msg", compound(streams))


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE2 file (MS-CFB, version 3) with these streams in its root."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    padded = {name: content.ljust(4096, b"\x00") for name, content in streams.items()}
    entries = [_entry("Root Entry", 5, 1 if padded else free, end, 0)]
    fat = [fat_mark]
    body = b""
    directory_sectors = (len(padded) + 4) // 4
    fat += [1 + each + 1 for each in range(directory_sectors - 1)] + [end]
    for place, (name, content) in enumerate(padded.items()):
        count = len(content) // 512
        start = len(fat)
        fat += [start + each + 1 for each in range(count - 1)] + [end]
        last = place == len(padded) - 1
        entries.append(_entry(name, 2, free, start, len(content), free if last else place + 2))
        body += content
    fat += [free] * (128 - len(fat))
    assert len(fat) == 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0
    )
    header += struct.pack("<I", 0) + b"\xff" * (512 - len(header) - 4)
    table = b"".join(entries).ljust(directory_sectors * 512, b"\x00")
    return header + struct.pack("<128I", *fat) + table + body


def _entry(
    name: str, kind: int, child: int, start: int, size: int, right: int = 0xFFFFFFFF
) -> bytes:
    raw = (name + "\x00").encode("utf-16-le")
    return (
        raw.ljust(64, b"\x00")
        + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def rtf(folder: Path, content: bytes = rb"{\rtf1\ansi Geachte heer}") -> Path:
    return _write(folder / "brief.rtf", content)


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
