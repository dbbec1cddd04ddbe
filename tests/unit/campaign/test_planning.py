"""Chunks are the same for the same bursts, and few change when a burst is added."""

from eclgrmd.campaign.planning import chunks_of, item_key
from eclgrmd.model.campaign import CampaignConfiguration, Chunk, Item, Made, Software
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import PipelineFile
from eclgrmd.model.task import TaskType

SOFTWARE = Software("1.0.0", "c" * 64, "processor", (1.0,))
ONE = (CampaignConfiguration("default", TaskConfiguration()),)
TWO = (*ONE, CampaignConfiguration("other", TaskConfiguration(seed=1)))


def made(seeds: range) -> list[Item]:
    return [Item(f"made{seed}", made=Made("package:make", seed, "s" * 64)) for seed in seeds]


def planned(
    items: list[Item],
    configurations: tuple[CampaignConfiguration, ...] = ONE,
    software: Software = SOFTWARE,
) -> list[Chunk]:
    return list(
        chunks_of(items, configurations, analysis=TaskType.BURST, software=software, bursts=100)
    )


def test_every_burst_is_in_one_chunk_of_each_configuration() -> None:
    items = made(range(1000))
    chunks = planned(items, TWO)
    for index in range(2):
        mine = [chunk for chunk in chunks if chunk.configuration == index]
        assert [item for chunk in mine for item in chunk.items] == items
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))


def test_chunks_have_about_the_wanted_number_of_bursts() -> None:
    sizes = [len(chunk.items) for chunk in planned(made(range(10_000)))]
    assert max(sizes) <= 200
    assert 70 < sum(sizes) / len(sizes) < 130


def test_a_burst_that_is_added_changes_few_chunks() -> None:
    before = {chunk.key for chunk in planned(made(range(1, 5000)))}
    after = {chunk.key for chunk in planned(made(range(5000)))}
    assert len(after - before) <= 2


def test_keys_cover_configuration_and_software() -> None:
    items = made(range(10))
    key = planned(items)[0].key
    assert planned(items)[0].key == key
    assert planned(items, TWO[1:])[0].key != key
    assert planned(items, software=Software("1.0.1", "c" * 64, "processor", (1.0,)))[0].key != key


def test_the_key_of_a_burst_covers_the_content_of_its_files_not_their_place() -> None:
    def item(path: str, sha256: str) -> Item:
        return Item("sb1", (PipelineFile(path, "a.fits", sha256, FileKind.EVENTS),))

    assert item_key(item("/a/a.fits", "1" * 64)) == item_key(item("/b/a.fits", "1" * 64))
    assert item_key(item("/a/a.fits", "1" * 64)) != item_key(item("/a/a.fits", "2" * 64))
