"""What a file says of itself to programs that know nothing of our records: XMP.

Source: ISO 16684-1; IPTC Photo Metadata Standard 2025.1, whose digital source type and
properties of generated pictures these are.
"""

from xml.sax.saxutils import escape

from jaxsoundart.picture.record import Record

_GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def xmp(record: Record) -> bytes:
    """Returns a picture's XMP packet: that it was generated, by what, from what."""
    painting, brief = record.painting, record.brief
    said = {
        "xmp:CreatorTool": f"jaxsoundart {record.versions.jaxsoundart}",
        "xmp:CreateDate": record.painted_on,
        "Iptc4xmpExt:DigitalSourceType": _GENERATED,
        "Iptc4xmpExt:AISystemUsed": painting.painter,
        "Iptc4xmpExt:AISystemVersionUsed": painting.painter_sha256,
        "Iptc4xmpExt:AIPromptInformation": (
            f"prompt: {brief.prompt}; negative prompt: {brief.negative_prompt}; "
            f"seed: {painting.seed}"
        ),
    }
    spaces = "".join(f' xmlns:{name}="{uri}"' for name, uri in _NAMESPACES.items())
    inside = "".join(f"<{n}>{escape(_printable(v))}</{n}>" for n, v in said.items())
    return (
        f'{_BEGIN}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF{spaces}>'
        f'<rdf:Description rdf:about="">{inside}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _printable(text: str) -> str:
    # XML has no form for control characters, nor UTF-8 for lone surrogates.
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
