"""What each pool of workers may reach."""

from pathlib import Path

from eclgrmd.compute import Sandbox
from eclgrmd.daemon.sandboxes import Sandboxes
from eclgrmd.settings.daemon import ComputeSettings, QuickLookSettings, Settings, StorageSettings


def settings(folder: Path, *, calibration: str = "", sandbox: bool = True) -> Settings:
    return Settings(
        storage=StorageSettings(state_dir=str(folder)),
        vhf=QuickLookSettings(calibration_dir=calibration),
        compute=ComputeSettings(sandbox="on" if sandbox else "off"),
    )


def every(given: Settings) -> tuple[Sandbox | None, ...]:
    boxes = Sandboxes(given)
    steps = str(given.files_dir / "products" / "t.1" / "steps.msgpack")
    return (
        boxes.analysis,
        boxes.reading,
        boxes.quick_look(given),
        boxes.pictures(given),
        boxes.preview(steps),
    )


def test_no_pool_reaches_any_folder_and_only_analyses_the_key(tmp_path: Path) -> None:
    given = settings(tmp_path)
    reading = []
    for box in every(given):
        assert box is not None
        reached = [Path(folder) for folder in (*box.read, *box.write)]
        assert all(folder.is_relative_to(given.files_dir) for folder in reached)
        reading.append(any(given.steps_key_file.is_relative_to(folder) for folder in reached))
    assert reading == [True, False, False, False, False]


def test_pictures_and_previews_write_nothing(tmp_path: Path) -> None:
    *_, pictures, preview = every(settings(tmp_path))
    assert pictures is not None
    assert preview is not None
    assert pictures.write == preview.write == ()
    assert preview.read == (str(settings(tmp_path).files_dir / "products" / "t.1"),)


def test_calibration_files_are_reached_also_by_links(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "calibration", tmp_path / "elsewhere" / "g.rsp"
    folder.mkdir()
    elsewhere.parent.mkdir()
    elsewhere.touch()
    (folder / "a.rsp").touch()
    (folder / "b.rsp").symlink_to(elsewhere)
    given = settings(tmp_path / "state", calibration=str(folder))
    boxes = Sandboxes(given)
    for box in (boxes.quick_look(given), boxes.pictures(given)):
        assert box is not None
        assert box.read[-2:] == (str(folder), str(elsewhere))
    assert boxes.quick_look(settings(tmp_path / "state", calibration=str(tmp_path / "none")))


def test_the_settings_switch_all_off(tmp_path: Path) -> None:
    assert set(every(settings(tmp_path, sandbox=False))) == {None}
