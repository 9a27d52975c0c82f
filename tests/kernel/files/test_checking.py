"""Only plain pictures, PDFs, tables and sheets are taken, and nothing that acts."""

from __future__ import annotations

import contextlib
import io
import resource
import time
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from structlog.testing import capture_logs

from prs.kernel import confined, files
from prs.kernel.files import Kind, refusals
from tests.kernel.files import makers
from tests.kernel.files.makers import MEGABYTE, upload

ALL = frozenset(Kind)
LIMIT = 10 * MEGABYTE


def check(sent: SimpleUploadedFile, *, kinds=ALL, limit_bytes=LIMIT, **options):
    return files.checked(sent, kinds=kinds, limit_bytes=limit_bytes, **options)


def sending(content: bytes, name: str, declared: str | None = None):
    return check(upload(content, name, declared))


# Pictures


@pytest.mark.parametrize(
    ("form", "name", "extension", "content_type"),
    [
        ("JPEG", "slip.jpg", "jpg", "image/jpeg"),
        ("JPEG", "SLIP.JPEG", "jpg", "image/jpeg"),
        ("PNG", "slip.png", "png", "image/png"),
        ("WEBP", "slip.webp", "webp", "image/webp"),
    ],
)
def test_a_picture_is_taken_and_written_anew(form, name, extension, content_type):
    kept = sending(makers.encoded(makers.slip(), form), name)

    assert (kept.kind, kept.extension, kept.content_type) == (Kind.IMAGE, extension, content_type)
    assert (kept.width, kept.height, kept.pages) == (600, 400, None)
    assert len(kept.sha256) == 64
    with Image.open(io.BytesIO(kept.bytes)) as picture:
        assert (picture.format, picture.size) == (form, (600, 400))


def test_what_a_camera_knows_is_dropped_and_its_orientation_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Ann"
    sent = makers.encoded(
        makers.slip(), "JPEG", exif=exif, comment=b"from Ann", icc_profile=b"x" * 99
    )

    kept = sending(sent, "slip.jpg")

    assert (kept.width, kept.height) == (400, 600)
    assert b"Ann" not in kept.bytes
    with Image.open(io.BytesIO(kept.bytes)) as picture:
        assert not picture.getexif()
        assert {"icc_profile", "comment", "exif"}.isdisjoint(picture.info)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_second_file_behind_a_picture_is_dropped(form):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("evil.txt", "MARK-OF-EVIL")
    sent = makers.encoded(makers.slip(), form) + archive.getvalue()

    kept = sending(sent, f"slip.{form.lower()}")

    assert b"MARK-OF-EVIL" not in kept.bytes
    assert not zipfile.is_zipfile(io.BytesIO(kept.bytes))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_usual_colours_are_taken(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    kept = sending(makers.encoded(makers.slip(mode=mode), form), f"slip.{form.lower()}")

    with Image.open(io.BytesIO(kept.bytes)) as picture:
        assert picture.mode in {"L", "RGB"}


def test_transparency_survives():
    picture = makers.slip()
    picture.putalpha(120)

    kept = sending(makers.encoded(picture, "PNG"), "logo.png")

    with Image.open(io.BytesIO(kept.bytes)) as written:
        assert written.mode == "RGBA"
        assert written.getpixel((5, 5))[3] == 120


def test_a_picture_above_a_megabyte_is_written_smaller():
    sent = makers.encoded(makers.noise(1200, 900), "PNG", compress_level=1)
    assert len(sent) > MEGABYTE

    kept = sending(sent, "screen.png")

    assert (kept.extension, kept.name) == ("jpg", "screen.jpg")
    assert len(kept.bytes) < len(sent)


def test_the_same_picture_makes_the_same_bytes():
    sent = makers.encoded(makers.slip(), "JPEG")

    assert sending(sent, "one.jpg").sha256 == sending(sent, "two.jpg").sha256


def test_a_second_frame_behind_a_photograph_is_dropped():
    first, second = makers.slip(), makers.slip(amount="9.99")
    sent = makers.encoded(first, "MPO", save_all=True, append_images=[second])

    kept = sending(sent, "phone.jpg")

    with Image.open(io.BytesIO(kept.bytes)) as picture:
        assert (picture.format, getattr(picture, "n_frames", 1)) == ("JPEG", 1)


@pytest.mark.parametrize(("form", "name"), [("PNG", "a.png"), ("WEBP", "a.webp")])
def test_a_moving_picture_is_refused(form, name):
    frames = [makers.slip(amount=str(at)) for at in range(3)]
    sent = makers.encoded(frames[0], form, save_all=True, append_images=frames[1:])

    with pytest.raises(refusals.PictureUnusual):
        sending(sent, name)


def test_colours_of_science_are_refused():
    with pytest.raises(refusals.PictureUnusual):
        sending(makers.encoded(Image.new("I;16", (9, 9)), "PNG"), "depth.png")


def test_too_many_pixels_are_refused_before_they_are_unpacked():
    flood = makers.encoded(Image.new("1", (20_000, 20_000)), "PNG")
    started = time.monotonic()

    with pytest.raises(refusals.PictureTooLarge, match="400 million pixels; at most 20 million"):
        sending(flood, "flood.png")

    assert time.monotonic() - started < 20


def test_twenty_million_pixels_are_taken():
    kept = sending(makers.encoded(Image.new("RGB", (5000, 4000), "#123456"), "JPEG"), "large.jpg")

    assert (kept.width, kept.height) == (5000, 4000)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_refused(form):
    # It loosens Pillow in the process that both share.
    confined.run_by_name("prs.kernel.documents.drawing", "drawn", "x", seconds=9, megabytes=700)
    whole = makers.encoded(makers.noise(300, 300), form)

    with pytest.raises(refusals.Unreadable):
        sending(whole[: len(whole) // 2], f"half.{form.lower()}")


# Names, types and contents that disagree


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (makers.encoded(makers.slip(), "PNG"), "slip.jpg", "image/jpeg"),
        (makers.encoded(makers.slip(), "JPEG"), "slip.jpg", "image/png"),
        (makers.encoded(makers.slip(), "JPEG"), "slip.jpg", "application/octet-stream"),
        (makers.encoded(makers.slip(), "GIF"), "slip.png", "image/png"),
        (makers.pdf(), "slip.png", "image/png"),
        (makers.pdf(), "slip.pdf", "text/html"),
        (makers.workbook(), "slip.pdf", "application/pdf"),
        (b"MZ\x90\0" + bytes(200), "slip.pdf", "application/pdf"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "slip.jpg", "image/jpeg"),
        (b"<html><script>alert(1)</script>", "slip.pdf", "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "slip.png", "image/png"),
        (b"plain text", "slip.pdf", "application/pdf"),
        (b"BZh91AY&SY" + bytes(50), "sheet.xlsx", "application/octet-stream"),
    ],
)
def test_name_type_and_content_agree_or_the_file_is_refused(content, name, declared):
    with pytest.raises(refusals.NotWhatItSays, match=r"slip|sheet"):
        sending(content, name, declared)


@pytest.mark.parametrize(
    "name",
    [
        "a.svg",
        "a.exe",
        "a.zip",
        "a.html",
        "a.pdf.exe",
        "a.docm",
        "a.xlsm",
        "a.gif",
        "a",
        "",
        ".pdf",
    ],
)
def test_other_kinds_are_not_taken(name):
    with pytest.raises(refusals.FileRefused):
        check(SimpleUploadedFile(name or "x", makers.pdf(), "application/pdf"))


def test_a_refusal_says_what_to_send():
    with pytest.raises(refusals.KindNotTaken) as refused:
        check(upload(makers.workbook(), "list.xlsx"), kinds={Kind.PDF, Kind.IMAGE})

    assert str(refused.value) == (
        "Files like “list.xlsx” aren't taken here. Send a picture (JPEG, PNG or WebP) or a PDF."
    )
    assert refused.value.status == 422


def test_size_is_counted_and_not_believed():
    sent = upload(makers.pdf() + bytes(5000), "large.pdf")
    sent.size = 10

    with pytest.raises(refusals.FileTooLarge, match=r"at most 1\.0.KB"):
        check(sent, limit_bytes=1024)


def test_an_empty_file_is_refused():
    with pytest.raises(refusals.EmptyFile):
        sending(b"", "empty.pdf")


def test_a_path_in_the_name_is_only_a_name():
    kept = sending(makers.pdf(), "..\\..\\etc\\passwd\u202efdp.pdf")

    assert kept.name == "passwdfdp.pdf"


# PDFs


def test_a_plain_pdf_is_kept_as_it_was_sent():
    sent = makers.pdf(3)

    kept = sending(sent, "proof.pdf")

    assert (kept.bytes, kept.pages, kept.content_type) == (sent, 3, "application/pdf")


def test_a_pdf_with_links_and_a_first_view_is_taken():
    link = makers.annotation("/Link", A=makers.action("/URI", URI="https://example.com/"))
    view = ArrayObject([NumberObject(0), NameObject("/Fit")])

    assert sending(makers.pdf_with("/Annots", link, on_page=True), "a.pdf").pages == 1
    assert sending(makers.pdf_with("/OpenAction", view), "b.pdf").pages == 1


def _one(key: str, value: object) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value})


_SCRIPT = makers.action("/JavaScript", JS="app.alert(1)")


@pytest.mark.parametrize(
    "content",
    [
        makers.pdf_with("/OpenAction", _SCRIPT),
        makers.pdf_with("/AA", _one("/O", _SCRIPT), on_page=True),
        makers.pdf_with("/OpenAction", makers.action("/Launch", F="cmd.exe")),
        makers.pdf_with("/OpenAction", makers.action("/SubmitForm", F="https://evil.example")),
        makers.pdf_with("/OpenAction", makers.action("/GoToR", F="//evil/share.pdf")),
        makers.pdf_with("/OpenAction", makers.action("/ImportData", F="x.fdf")),
        makers.pdf_with("/Names", _one("/JavaScript", _one("/Names", ArrayObject()))),
        makers.pdf_with("/AcroForm", _one("/XFA", TextStringObject("<xdp/>"))),
        makers.pdf_with("/Annots", makers.annotation("/FileAttachment"), on_page=True),
        makers.pdf_with("/Annots", makers.annotation("/RichMedia"), on_page=True),
        makers.pdf_with("/Annots", makers.annotation("/Link", A=_SCRIPT), on_page=True),
        makers.pdf_with_attachment(),
        makers.pdf_with("/OpenAction", _SCRIPT).replace(b"/JavaScript", b"/J#61vaScr#69pt"),
        makers.pdf_with("/X", TextStringObject("<script>alert(1)</script>")),
        makers.pdf_with_script_in_object_stream(listed=True),
        makers.pdf_with_script_in_object_stream(listed=False),
    ],
)
def test_a_pdf_that_acts_is_refused(content):
    with pytest.raises(refusals.PdfActive):
        sending(content, "proof.pdf")


def test_a_locked_pdf_is_refused():
    with pytest.raises(refusals.PdfLocked):
        sending(makers.pdf(password="s3cret"), "proof.pdf")


def test_a_long_pdf_is_refused():
    assert check(upload(makers.pdf(5), "a.pdf"), most_pages=5).pages == 5
    with pytest.raises(refusals.PdfTooLong, match="has 6 pages; at most 5"):
        check(upload(makers.pdf(6), "a.pdf"), most_pages=5)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\nnothing\n%%EOF",
        makers.pdf()[:-200],
        b"MZ\n" + makers.pdf(),
        makers.pdf() + b"<html>behind</html>",
        makers.pdf().replace(b"/Pages", b"/Sagep"),
        b"%PDF-1.4\n" + b"[" * 100_000 + b"\n%%EOF\n",
    ],
)
def test_a_pdf_that_is_not_whole_is_refused(content):
    with pytest.raises((refusals.Unreadable, refusals.NotWhatItSays)):
        sending(content, "proof.pdf")


def test_a_pdf_that_is_also_an_archive_is_refused():
    archive = io.BytesIO(makers.pdf())
    archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive, "a") as made:
        made.writestr("evil.html", "x")
        made.comment = b"\n%%EOF"

    with pytest.raises(refusals.Unreadable):
        sending(archive.getvalue(), "proof.pdf")


# Tables and sheets


@pytest.mark.parametrize(
    "sent",
    [
        "number;city\n1;Zürich\n".encode(),
        b"\xef\xbb\xbf" + "number;city\n1;Zürich\n".encode(),
        "number;city\n1;Zürich\n".encode("utf-16"),
        "number;city\n1;Zürich\n".encode("cp1252"),
    ],
)
def test_a_table_is_kept_in_one_encoding(sent):
    kept = sending(sent, "list.csv", "application/vnd.ms-excel")

    assert kept.bytes.decode() == "number;city\n1;Zürich\n"
    assert (kept.kind, kept.extension) == (Kind.CSV, "csv")


@pytest.mark.parametrize(
    "content",
    [
        makers.encoded(makers.slip(), "PNG"),
        makers.pdf(),
        makers.workbook(),
        b"MZ\x90\0" + bytes(100),
        b"<html><body>hello",
        b"  <?xml version='1.0'?><a/>",
        b"#!/bin/sh\nrm -rf /\n",
        b"a,b\x00,c\n",
        b"a" * 70_000,
        b"\xff\xfea",
    ],
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(refusals.NotATable):
        sending(content, "list.csv")


def test_a_plain_sheet_is_taken():
    sent = makers.workbook()

    kept = sending(sent, "list.xlsx")

    assert kept.bytes == sent
    cell = openpyxl.load_workbook(io.BytesIO(kept.bytes)).active["B2"]
    assert Decimal(str(cell.value)) == Decimal("1200.5")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"xl__vbaProject.bin": b"x"}, refusals.SheetActive),
        ({"xl__embeddings__oleObject1.bin": b"x"}, refusals.SheetActive),
        ({"xl__externalLinks__externalLink1.xml": b"<x/>"}, refusals.SheetActive),
        ({"xl__activeX__activeX1.xml": b"<x/>"}, refusals.SheetActive),
        ({"xl__connections.xml": b"<x/>"}, refusals.SheetActive),
        ({"evil.exe": b"MZ"}, refusals.SheetActive),
        (
            {
                "xl___rels__more.rels": b'<Relationship Type="a/attachedTemplate" TargetMode="External"/>'
            },
            refusals.SheetActive,
        ),
        (
            {"xl__macro.xml": b'<Override ContentType="x.macroEnabled.main+xml"/>'},
            refusals.SheetActive,
        ),
        ({"..__..__etc__passwd": b"x"}, refusals.Unreadable),
        ({"__etc__passwd": b"x"}, refusals.Unreadable),
        ({"xl__workbook.xml": None}, refusals.Unreadable),
        ({"xl__workbook.xml": b"not xml"}, refusals.Unreadable),
        (
            {
                "xl__workbook.xml": b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'
            },
            refusals.Unreadable,
        ),
        (
            {"xl__a.xml": '<?xml version="1.0"?><!DOCTYPE lolz>'.encode("utf-16")},
            refusals.Unreadable,
        ),
        ({"xl__bomb.xml": bytes(20 * MEGABYTE)}, refusals.SheetTooLarge),
        ({f"xl__{at}.xml": b"<x/>" for at in range(200)}, refusals.SheetTooLarge),
    ],
)
def test_a_sheet_with_more_than_cells_is_refused(changes, refusal):
    with pytest.raises(refusal):
        sending(makers.repacked(makers.workbook(), **changes), "list.xlsx")


def test_a_sheet_of_more_than_fifty_megabytes_is_refused():
    large = {f"xl__{at}.xml": bytes([65 + at]) * (26 * MEGABYTE) for at in range(2)}
    stored = makers.repacked(makers.workbook(), method=zipfile.ZIP_STORED, **large)

    with pytest.raises(refusals.SheetTooLarge):
        check(upload(stored, "list.xlsx"), limit_bytes=60 * MEGABYTE)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + makers.workbook(),
        makers.workbook() + b"behind",
        makers.workbook()[:-40],
        makers.repacked(makers.workbook(), word__document=b"x", xl__workbook=b"x")[:500],
    ],
)
def test_a_sheet_that_is_not_only_a_sheet_is_refused(content):
    with pytest.raises((refusals.Unreadable, refusals.NotWhatItSays)):
        sending(content, "list.xlsx")


# Bounds


def test_hostile_files_cost_this_process_no_memory_and_little_time():
    flood = makers.encoded(Image.new("1", (20_000, 20_000)), "PNG")
    bomb = makers.repacked(makers.workbook(), xl__bomb=bytes(60 * MEGABYTE))
    packed = makers.pdf_with_stream(bytes(60 * MEGABYTE))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()

    for content, name in ((flood, "a.png"), (bomb, "b.xlsx")):
        with pytest.raises(refusals.FileRefused):
            sending(content, name)
    assert sending(packed, "c.pdf").pages == 1

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100 * 1024
    assert time.monotonic() - started < 30


def test_a_file_that_takes_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("prs.kernel.files.checking._MEGABYTES", 20)
    large = makers.encoded(Image.new("RGB", (5000, 4000)), "JPEG")

    with pytest.raises(refusals.TooMuchWork):
        sending(large, "large.jpg")


@pytest.mark.parametrize("seed", range(40))
def test_broken_bytes_are_taken_or_refused_but_never_fail(seed):
    makes = (
        (makers.pdf_with("/X", TextStringObject("x" * 300)), "a.pdf"),
        (makers.encoded(makers.slip(60, 40), "JPEG"), "a.jpg"),
        (makers.encoded(makers.slip(60, 40), "PNG"), "a.png"),
        (makers.workbook(), "a.xlsx"),
    )
    content, name = makes[seed % 4]
    broken = bytearray(content)
    for at in range(1 + seed):
        broken[(seed * 7919 + at * 104_729) % len(broken)] = (seed * 31 + at * 17) % 256

    with capture_logs() as logged, contextlib.suppress(refusals.FileRefused):
        assert sending(bytes(broken), name).bytes
    assert "file reader failed" not in [line["event"] for line in logged]
