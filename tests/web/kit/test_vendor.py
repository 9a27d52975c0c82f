"""What came from npm is what was asked for, and the pages ask only for icons that exist."""

import re
import shutil
from pathlib import Path

import pytest

from scripts import vendor

USED_ICON = re.compile(r"""(?:\bicon|components/_icon\.html["'] with name)=["']([a-z0-9-]+)["']""")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in [vendor.MANIFEST, vendor.LOCK, *map(Path, vendor.locked(vendor.ROOT))]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(vendor.ROOT / path, tmp_path / path)
    return tmp_path


def test_the_vendored_files_match_their_lock() -> None:
    assert vendor.faults(vendor.ROOT) == []


def test_one_changed_byte_is_found(copy: Path) -> None:
    changed = copy / "static/vendor/bootstrap/bootstrap.min.css"
    content = bytearray(changed.read_bytes())
    content[100] ^= 1
    changed.write_bytes(content)

    assert vendor.faults(copy) == ["static/vendor/bootstrap/bootstrap.min.css has changed."]


def test_a_missing_file_and_a_stranger_are_found(copy: Path) -> None:
    (copy / "static/icons.svg").unlink()
    (copy / "static/vendor/surprise.js").write_text("alert(1)")

    assert vendor.faults(copy) == [
        "static/icons.svg is missing.",
        "static/vendor/surprise.js is in the vendor folder but not locked.",
    ]


def test_the_check_fails_the_build_when_a_file_changed(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vendor.main(["--check"], root=copy) == 0
    (copy / "static/icons.svg").write_text("<svg/>")

    assert vendor.main(["--check"], root=copy) == 1
    assert "static/icons.svg has changed." in capsys.readouterr().out


def test_a_package_with_another_checksum_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho tampered > thing-1.0.0.tgz\necho thing-1.0.0.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    package = vendor.Package("thing", "1.0.0", "sha512-AAAA", {}, (), "", "")

    with pytest.raises(vendor.VendorError, match="expected sha512-AAAA"):
        vendor.packed(package, tmp_path)


def test_source_map_comments_are_dropped_because_the_maps_are_not_shipped() -> None:
    assert vendor.stripped(b"a{}\n/*# sourceMappingURL=a.css.map */\n") == b"a{}\n"
    assert vendor.stripped(b"let a;\n//# sourceMappingURL=a.js.map") == b"let a;\n"
    for path in ("bootstrap.min.css", "bootstrap.rtl.min.css", "bootstrap.bundle.min.js"):
        shipped = (vendor.ROOT / "static/vendor/bootstrap" / path).read_bytes()
        assert b"sourceMappingURL" not in shipped


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (vendor.ROOT / "static/icons.svg").read_text()))
    used = {
        (name, str(template.relative_to(vendor.ROOT)))
        for template in (vendor.ROOT / "templates").rglob("*.html")
        for name in USED_ICON.findall(template.read_text(encoding="utf-8"))
    }

    assert used
    assert [(name, where) for name, where in sorted(used) if name not in drawn] == []
