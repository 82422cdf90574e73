"""The classifications: complete, named as published, found under loose spellings."""

import pytest

from inventory.classification import clusters, industries, ipc, regions, strategic


def test_industries_are_complete():
    assert len(industries.SECTIONS) == 20
    assert [division.code[1:] for division in industries.DIVISIONS] == [
        f"{n:02d}" for n in range(1, 98)
    ]
    assert industries.VERSION == "GB/T 4754-2017"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C", "C"),
        ("C 制造业", "C"),
        ("制造业", "C"),
        ("制造业-专用设备制造业", "C35"),
        ("制造业－专用设备制造业", "C35"),
        ("C35", "C35"),
        ("35", "C35"),
        ("c35专用设备制造业", "C35"),
        ("C3599", "C35"),
        ("农林牧渔业", "A"),
        ("农、林、牧、渔业", "A"),
        ("教育", "P"),
        ("P83", "P83"),
        ("国际组织", "T"),
    ],
)
def test_find_industry(text, code):
    industry = industries.find_industry(text)
    assert industry is not None
    assert industry.code == code


@pytest.mark.parametrize(
    "text", ["", "-", "U", "C 农业", "制造业-农业", "A01B", "98", "制造业、教育"]
)
def test_no_industry(text):
    assert industries.find_industry(text) is None


def test_paths_are_written_as_the_national_file_shows_them():
    assert industries.INDUSTRIES["C35"].path == "制造业-专用设备制造业"
    assert industries.INDUSTRIES["C"].path == "制造业"
    assert industries.INDUSTRIES["C35"].section == "C"


def test_every_industry_is_found_by_its_path_and_code():
    for code, industry in industries.INDUSTRIES.items():
        assert industries.find_industry(code) == industry
        found = industries.find_industry(industry.path)
        assert found is not None
        assert found.section == industry.section


def test_strategic_industries_are_complete():
    assert len(strategic.BRANCHES) == 9
    counts = [
        sum(group.parent == branch.code for group in strategic.GROUPS)
        for branch in strategic.BRANCHES
    ]
    assert counts == [5, 5, 7, 5, 4, 5, 3, 4, 2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.1", "1.1"),
        ("1.1 下一代信息网络产业", "1.1"),
        ("下一代信息网络", "1.1"),
        ("新材料", "3"),
        ("新材料产业-先进钢铁材料", "3.1"),
        ("先进钢铁", "3.1"),
        ("1.1.2", "1.1"),
        ("7.3资源循环利用", "7.3"),
        ("互联网与云计算、大数据服务", "1.4"),
    ],
)
def test_find_strategic(text, code):
    entry = strategic.find_strategic(text)
    assert entry is not None
    assert entry.code == code


@pytest.mark.parametrize("text", ["", "9.3", "0", "1.1 新材料", "农业"])
def test_no_strategic_industry(text):
    assert strategic.find_strategic(text) is None


def test_every_strategic_industry_is_found_by_its_path():
    for entry in strategic.STRATEGIC.values():
        assert strategic.find_strategic(entry.path) == entry


def test_ipc():
    assert [section.code for section in ipc.SECTIONS] == list("ABCDEFGH")
    assert len(ipc.CLASSES) == 132
    assert all(entry.code[0] in "ABCDEFGH" and entry.title for entry in ipc.CLASSES)
    assert ipc.section_of("h02k17/02") == ipc.ENTRIES["H"]
    assert ipc.class_of("H02K17/02") == ipc.ENTRIES["H02"]
    assert ipc.class_of("H") is None


def test_clusters():
    assert len(clusters.CLUSTERS) == 10
    for cluster in clusters.CLUSTERS:
        assert clusters.find_cluster(cluster.name) == cluster
        assert set(cluster.strategic) <= set(strategic.STRATEGIC)
    assert [cluster.name for cluster in clusters.clusters_of("1.5")] == ["人工智能"]
    assert clusters.find_cluster("新材料产业") == clusters.find_cluster("materials")


def test_regions():
    assert len(regions.PROVINCES) == 34
    assert len(regions.DISTRICTS) == 17
    assert len({region.code for region in regions.PROVINCES + regions.DISTRICTS}) == 51


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("海淀区", "110108"),
        ("海淀", "110108"),
        ("北京市海淀区", "110108"),
        ("北京市-海淀区", "110108"),
        ("宣武区", "110102"),
        ("经开区", "BDA"),
        ("北京经济技术开发区", "BDA"),
        ("亦庄", "BDA"),
    ],
)
def test_find_district(text, code):
    district = regions.find_district(text)
    assert district is not None
    assert district.code == code


def test_no_district():
    assert regions.find_district("北京市") is None
    assert regions.find_district("") is None


def test_provinces():
    found = regions.find_province("广西")
    assert found is not None
    assert found.name == "广西壮族自治区"
    begun = regions.province_at_start("内蒙古自治区呼和浩特市")
    assert begun is not None
    assert begun.code == "15"
    assert regions.province_at_start("某地") is None
