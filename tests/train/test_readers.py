"""Readers of labelled sounds, on small sets in the layouts that there are."""

import json

import pytest

from train.readers import folders, manifest, published
from train.readers.clip import Clip, DataError, checked, divided


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def described(clips, root):
    return [
        (str(c.path.relative_to(root)), dict(c.labels), c.part, c.group) for c in clips
    ]


def test_a_folder_for_each_label(tmp_path):
    touch(
        tmp_path, "dog/b.wav", "dog/a.FLAC", "cat/far/c.ogg", "cat/notes.txt", "d.wav"
    )
    assert described(folders.read(tmp_path, head="sounds"), tmp_path) == [
        ("cat/far/c.ogg", {"sounds": ("cat",)}, "", ""),
        ("dog/a.FLAC", {"sounds": ("dog",)}, "", ""),
        ("dog/b.wav", {"sounds": ("dog",)}, "", ""),
    ]


def test_a_folder_for_each_part_and_label(tmp_path):
    touch(tmp_path, "train/kick/a.wav", "test/kick/b.wav", "test/snare/c.wav")
    clips = folders.read(tmp_path, head="drum")
    assert {(clip.part, clip.labels["drum"]) for clip in clips} == {
        ("train", ("kick",)),
        ("test", ("kick",)),
        ("test", ("snare",)),
    }
    assert divided(clips) == clips


def test_a_set_without_parts_is_divided_group_by_group(tmp_path):
    clips = [
        Clip(tmp_path / f"{label}{n}.wav", {"sounds": (label,)}, "", f"{label}{n // 2}")
        for label in ("cat", "dog")
        for n in range(40)
    ]
    parts = divided(clips)
    assert checked_groups(parts) == {"train": 32, "valid": 4, "test": 4}
    for part in ("train", "valid", "test"):
        assert {c.labels["sounds"] for c in parts if c.part == part} == {
            ("cat",),
            ("dog",),
        }
    assert divided(clips[::-1]) == parts[::-1]


def checked_groups(clips):
    parts = {}
    for clip in clips:
        assert parts.setdefault(clip.group, clip.part) == clip.part
    return {part: list(parts.values()).count(part) for part in set(parts.values())}


def test_a_folder_without_sound_is_told(tmp_path):
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError, match="holds no clips"):
        folders.read(tmp_path, head="sounds")
    with pytest.raises(DataError, match="no such folder"):
        folders.read(tmp_path / "none", head="sounds")


def test_a_csv_table(tmp_path):
    touch(tmp_path, "x/1.flac", "x/2.flac", "x/3.flac")
    write(
        tmp_path / "index.csv",
        "path,label,split,group,start_s,length_s",
        "x/1.flac,bd,train,one,,",
        "x/2.flac,sd;rim,test,two,1.5,2",
        "x/3.flac,fx,extra,three,,",
    )
    one, two = manifest.read(tmp_path / "index.csv", heads={"drum": "label"})
    assert (one.labels, one.part, one.length_s) == ({"drum": ("bd",)}, "train", None)
    assert (two.labels, two.group) == ({"drum": ("sd", "rim")}, "two")
    assert (two.start_s, two.length_s) == (1.5, 2.0)


def test_a_table_of_json_lines(tmp_path):
    touch(tmp_path, "a.wav")
    row = {"path": "a.wav", "genre": "jazz", "played": ["piano", "bass"]}
    write(tmp_path / "set.jsonl", json.dumps(row), "")
    (clip,) = manifest.read(
        tmp_path / "set.jsonl", heads={"genre": "genre", "instruments": "played"}
    )
    assert clip.labels == {"genre": ("jazz",), "instruments": ("piano", "bass")}
    assert clip.part == ""


@pytest.mark.parametrize(
    ("name", "lines", "complaint"),
    [
        (
            "a.csv",
            ["path,kind", "a.wav,x"],
            r"a.csv, line 2: no 'label'; there are path",
        ),
        ("a.csv", ["path,label", ",x"], "line 2: no path"),
        (
            "a.csv",
            ["path,label", "b.wav,x"],
            r"b.wav is missing, and 0 others of the 1",
        ),
        ("a.csv", ["path,label,start_s", "a.wav,x,soon"], "'soon' is no number of"),
        ("a.csv", ["path,label,length_s", "a.wav,x,nan"], "'nan' is no number of"),
        ("a.jsonl", ['{"path": '], r"a.jsonl, line 1: no JSON"),
        ("a.jsonl", ["[1]"], "line 1: no JSON object"),
        ("a.csv", ["path,label"], "holds no clips"),
    ],
)
def test_a_faulty_table_is_told_with_the_line(tmp_path, name, lines, complaint):
    touch(tmp_path, "a.wav")
    write(tmp_path / name, *lines)
    with pytest.raises(DataError, match=complaint) as caught:
        manifest.read(tmp_path / name, heads={"kind": "label"})
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="cannot be read"):
        manifest.read(tmp_path / "none.csv", heads={"kind": "label"})


def test_what_belongs_together_is_not_split(tmp_path):
    touch(tmp_path, "a.wav")
    path = tmp_path / "a.wav"
    pair = [Clip(path, {}, part, "artist") for part in ("train", "test")]
    with pytest.raises(DataError, match=r"group 'artist' .* lies in train and test"):
        checked(pair, tmp_path)
    with pytest.raises(DataError, match=r"in part 'dev'; use train, valid, test"):
        checked([Clip(path, {}, "dev")], tmp_path)


def test_esc_50(tmp_path):
    touch(tmp_path, "audio/1-100032-A-0.wav", "audio/5-9032-A-0.wav")
    write(
        tmp_path / "meta" / "esc50.csv",
        "filename,fold,target,category,esc10,src_file,take",
        "1-100032-A-0.wav,1,0,dog,True,100032,A",
        "5-9032-A-0.wav,5,33,door_wood_knock,False,9032,A",
    )
    assert described(published.esc50(tmp_path), tmp_path) == [
        ("audio/1-100032-A-0.wav", {"sounds": ("dog",)}, "train", "100032"),
        ("audio/5-9032-A-0.wav", {"sounds": ("door wood knock",)}, "test", "9032"),
    ]


def test_nsynth(tmp_path):
    for part in ("train", "test"):
        name = f"guitar_acoustic_{part}-060-100"
        note = {"instrument_family_str": "guitar", "instrument_str": f"guitar_{part}"}
        touch(tmp_path, f"nsynth-{part}/audio/{name}.wav")
        write(tmp_path / f"nsynth-{part}" / "examples.json", json.dumps({name: note}))
    clips = published.nsynth(tmp_path)
    assert [(clip.part, clip.group) for clip in clips] == [
        ("train", "guitar_train"),
        ("test", "guitar_test"),
    ]
    write(tmp_path / "nsynth-test" / "examples.json", "{")
    with pytest.raises(DataError, match=r"examples\.json is no JSON"):
        published.nsynth(tmp_path)


def test_fma(tmp_path):
    touch(tmp_path, "fma_small/000/000002.mp3", "fma_small/134/134567.mp3")
    write(
        tmp_path / "fma_metadata" / "tracks.csv",
        ",artist,set,set,track",
        ",id,split,subset,genre_top",
        "track_id,,,,",
        "2,1,training,small,Hip-Hop",
        "3,1,training,large,Hip-Hop",
        "134567,9,test,small,Rock",
    )
    assert described(published.fma(tmp_path), tmp_path) == [
        ("fma_small/000/000002.mp3", {"genre": ("hip-hop",)}, "train", "1"),
        ("fma_small/134/134567.mp3", {"genre": ("rock",)}, "test", "9"),
    ]
    write(tmp_path / "fma_metadata" / "tracks.csv", ",set", ",split", "track_id,")
    with pytest.raises(DataError, match="lacks the column set subset"):
        published.fma(tmp_path)


def test_jamendo(tmp_path):
    head = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS"
    folder = tmp_path / "data" / "splits" / "split-0"
    songs = {"train": "14/214.mp3", "validation": "15/215.mp3", "test": "16/216.mp3"}
    for part, song in songs.items():
        touch(tmp_path, f"audio/{song}")
        tags = "genre---punkrock\tgenre---rock"
        line = f"track_{song[3:6]}\tartist_{part}\talbum_1\t{song}\t124.6\t{tags}"
        write(folder / f"autotagging_genre-{part}.tsv", head, line)
    clips = published.jamendo(tmp_path)
    assert [clip.part for clip in clips] == ["train", "valid", "test"]
    assert clips[0].labels == {"genre": ("punkrock", "rock")}
    assert clips[2].group == "artist_test"
    write(folder / "autotagging_genre-test.tsv", head, "track_1\tartist_1")
    with pytest.raises(DataError, match="line 2: 2 fields, not 6"):
        published.jamendo(tmp_path)
