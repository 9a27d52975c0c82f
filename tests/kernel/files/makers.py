"""Files as people and strangers send them, made on the spot."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

MEGABYTE = 1024 * 1024
TYPES = {
    "csv": "text/csv",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def upload(content: bytes, name: str, declared: str | None = None) -> SimpleUploadedFile:
    """Return what a form would hand over."""
    kind = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return SimpleUploadedFile(name, content, declared if declared is not None else kind)


def slip(width: int = 600, height: int = 400, *, amount: str = "1,200.00", mode: str = "RGB"):
    """Draw something like a bank slip."""
    picture = Image.new("RGB", (width, height), "#fbfaf5")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, width, height // 5), fill="#0b5a5a")
    for row in range(6):
        top = height // 4 + row * height // 9
        pen.rectangle(
            (width // 12, top, width // 3 + row * width // 16, top + height // 30), "#445"
        )
    pen.rectangle((width * 2 // 3, height // 2, width * 11 // 12, height * 3 // 4), outline="black")
    pen.text((width * 7 // 10, height * 3 // 5), amount, fill="black")
    return picture.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """Make a picture that compresses badly, the same one each time."""
    grain = hashlib.shake_256(b"grain").digest(width * height * 3)
    return Image.frombytes("RGB", (width, height), grain)


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    """Write the picture in a format."""
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def pdf(pages: int = 1, **options: object) -> bytes:
    """Write a plain PDF."""
    return written(blank(pages), **options)


def blank(pages: int = 1) -> PdfWriter:
    """Start a PDF with empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    return writer


def written(writer: PdfWriter, *, password: str = "") -> bytes:
    """Write the PDF, locked when there is a password."""
    if password:
        writer.encrypt(user_password="", owner_password=password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def action(kind: str, **entries: str) -> DictionaryObject:
    """Describe something that a PDF does."""
    made = DictionaryObject({NameObject("/S"): NameObject(kind)})
    for key, value in entries.items():
        made[NameObject(f"/{key}")] = TextStringObject(value)
    return made


def pdf_with(key: str, entry: object, *, on_page: bool = False) -> bytes:
    """Write a PDF whose catalog, or first page, has one more entry."""
    writer = blank()
    holder = writer.pages[0] if on_page else writer.root_object
    holder[NameObject(key)] = writer._add_object(entry)
    return written(writer)


def annotation(subtype: str, **entries: object) -> ArrayObject:
    """Describe one annotation of a page."""
    rectangle = ArrayObject([NumberObject(0), NumberObject(0), NumberObject(9), NumberObject(9)])
    made = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(subtype),
            NameObject("/Rect"): rectangle,
        }
    )
    for key, value in entries.items():
        made[NameObject(f"/{key}")] = value
    return ArrayObject([made])


def pdf_with_attachment() -> bytes:
    """Write a PDF that carries a file."""
    writer = blank()
    writer.add_attachment("invoice.xml", b"<xml/>")
    return written(writer)


def pdf_with_script_in_object_stream(*, listed: bool) -> bytes:
    """Write a PDF 1.5 whose script sits in a compressed object stream.

    When it isn't `listed` in the table of objects, only a viewer that repairs files finds it.
    """
    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    stream = zlib.compress(b"5 0 " + script)
    catalog = b"<</Type/Catalog/Pages 2 0 R" + (b"/OpenAction 5 0 R>>" if listed else b">>")
    objects = {
        1: catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream"
        % (len(stream), stream),
    }
    content, rows = b"%PDF-1.5\n", {0: (0, 0, 65535)}
    for number, text in objects.items():
        rows[number] = (1, len(content), 0)
        content += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    if listed:
        rows[5] = (2, 4, 0)
    rows[6] = (1, len(content), 0)
    table = b"".join(
        bytes([kind]) + second.to_bytes(4, "big") + third.to_bytes(2, "big")
        for _, (kind, second, third) in sorted(rows.items())
    )
    index = b"0 7" if listed else b"0 5 6 1"
    start = len(content)
    content += b"6 0 obj\n<</Type/XRef/Size 7/Root 1 0 R/W[1 4 2]/Index[%b]/Length %d>>" % (
        index,
        len(table),
    )
    content += b"\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, start)
    return content


def pdf_with_stream(data: bytes) -> bytes:
    """Write a PDF with a packed stream of this content on its page."""
    writer = blank()
    stream = DecodedStreamObject()
    stream.set_data(data)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    return written(writer)


def workbook() -> bytes:
    """Write a plain sheet."""
    book = openpyxl.Workbook()
    book.active.append(["number", "amount"])
    book.active.append(["INV-2026-0001", 1200.5])
    book.active["C1"] = "our site"
    book.active["C1"].hyperlink = "https://example.com/"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(
    content: bytes, *, method: int = zipfile.ZIP_DEFLATED, **changes: bytes | None
) -> bytes:
    """Write an archive anew with members added, replaced or (None) left out."""
    wanted = {name.replace("__", "/"): data for name, data in changes.items()}
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", method) as made,
    ):
        for name in source.namelist():
            if name not in wanted:
                made.writestr(name, source.read(name))
        for name, data in wanted.items():
            if data is not None:
                made.writestr(name, data)
    return target.getvalue()
