"""Two small PDFs made in code, to test a judge of PDF/A on: a good one and a bad one."""

from pathlib import Path

import pikepdf

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def good_pdfa(folder: Path) -> Path:
    """A blank page that is PDF/A-2b."""
    return _write(folder / "good.pdf", script=False)


def bad_pdfa(folder: Path) -> Path:
    """The same page with a script that runs on opening, which PDF/A forbids."""
    return _write(folder / "bad.pdf", script=True)


def _write(path: Path, *, script: bool) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.Root.Metadata = pikepdf.Stream(
            pdf, XMP.encode("utf-8"), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        if script:
            action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('x');")
            pdf.Root.OpenAction = pdf.make_indirect(action)
        pdf.save(path, deterministic_id=True, compress_streams=False)
    return path
