//! Archives: what is found in them, and what no archive can do.

use crate::repository::KEY;
use crate::run::{Ended, Folder};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const SCAN: [&str; 4] = ["scan", "--archives", "--only", "secret"];

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Replaces bytes everywhere: for names that no library writes.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, b)| *b == from)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes.splice(at..at + from.len(), to.iter().copied());
    }
    bytes
}

fn secret() -> Vec<u8> {
    format!("first\nkey = {KEY}\n").into_bytes()
}

#[track_caller]
fn check(name: &str, archive: &[u8], expected: &[&str]) -> Ended {
    let folder = Folder::new().with(name, archive);
    let code = if expected.is_empty() { 0 } else { 4 };
    let ended = folder.run(&[&SCAN[..], &["."]].concat()).with_code(code);
    let places = ended.stdout.lines().map(|line| line.split(": ").next().unwrap());
    assert_eq!(places.collect::<Vec<_>>(), expected, "{ended:?}");
    assert_eq!(folder.files("."), [std::path::PathBuf::from(name)], "nothing is written");
    ended
}

#[test]
fn what_is_in_archives_is_found_by_its_name_there() {
    let secret = secret();
    let entries: [(&str, &[u8]); 2] = [("clean.txt", b"clean"), ("in/key.txt", &secret)];
    check("a.zip", &zipped(&entries), &["a.zip!in/key.txt:2:7"]);
    check("a.jar", &zipped(&entries), &["a.jar!in/key.txt:2:7"]);
    check("a.tar", &tarred(&entries), &["a.tar!in/key.txt:2:7"]);
    check("a.tgz", &gzip(&tarred(&entries)), &["a.tgz!in/key.txt:2:7"]);
    check("key.txt.gz", &gzip(&secret), &["key.txt.gz!key.txt:2:7"]);
    let two = [gzip(b"first\n"), gzip(format!("key = {KEY}").as_bytes())].concat();
    check("two.gz", &two, &["two.gz!two:2:7"]);
    let nested = zipped(&[("b.tar.gz", &gzip(&tarred(&[("c.zip", &zipped(&entries))])))]);
    check("a.zip", &nested, &["a.zip!b.tar.gz!c.zip!in/key.txt:2:7"]);
    let long = format!("{}/key", "d".repeat(200));
    check("a.tar", &tarred(&[(&long, &secret)]), &[&format!("a.tar!{long}:2:7")]);
}

#[test]
fn archives_are_binary_unless_asked_for() {
    let folder = Folder::new().with("a.zip", zipped(&[("key", &secret())]));
    let ended = folder.run(&["scan", "."]).with_code(0);
    assert!(ended.stderr.contains("1 binary"), "{ended:?}");
    folder.run(&["scan", "--archive-depth", "2", "."]).with_code(2);
}

#[test]
fn an_archive_on_standard_input_is_opened() {
    let archive = zipped(&[("key", &secret())]);
    let ended = Folder::new().run_with(&[&SCAN[..], &["-"]].concat(), archive).with_code(4);
    assert!(ended.stdout.starts_with("<stdin>!key:2:7: "), "{ended:?}");
}

#[test]
fn names_are_shown_and_nothing_else() {
    let secret = secret();
    let up = zipped(&[("../../../../tmp/key", &secret)]);
    check("a.zip", &up, &["a.zip!../../../../tmp/key:2:7"]);
    let odd =
        patched(&zipped(&[("aXbXXXXcYYY", &secret)]), b"aXbXXXXcYYY", b"a\nb\x1b[1mc\xe2\x80\xae");
    let ended = check("a.zip", &odd, &["a.zip!a\\nb\\u{1b}[1mc\\u{202e}:2:7"]);
    assert!(!ended.stderr.contains('\u{1b}'));
    let raw = patched(&tarred(&[("aXb", &secret)]), b"aXb", b"aYb");
    // The checksum does not hold any more, so this is no archive, and a tar's NULs make it binary.
    check("a.tar", &raw, &[]);
    let folder = Folder::new().with("a.zip", up);
    let ended = folder.run(&[&SCAN[..], &["--format", "sarif", "."]].concat()).with_code(4);
    let log: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let result = &log["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a.zip");
    assert_eq!(place["region"]["startLine"], 1);
    assert_eq!(result["properties"]["memberLine"], 2);
}

#[test]
fn two_entries_of_one_name_are_both_opened() {
    let twice = zipped(&[("aa", b"clean"), ("ab", &secret()), ("ac", b"clean")]);
    let twice = patched(&patched(&twice, b"ab", b"aa"), b"ac", b"aa");
    check("a.zip", &twice, &["a.zip!aa:2:7"]);
}

/// What is said of an archive that is not read to its end.
#[track_caller]
fn check_refused(archive: &[u8], more: &[&str], expected: &str) {
    let folder = Folder::new().with("a.bin", archive);
    let ended = folder.run(&[&SCAN[..], more, &["."]].concat()).with_code(1);
    assert!(ended.stderr.contains(expected), "{expected}: {ended:?}");
    assert!(ended.stderr.contains("`a.bin"), "{ended:?}");
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![b'0'; 20 << 20];
    let one = gzip(&zeros);
    check_refused(&one, &[], "it expands to more than 200 times its size");
    check_refused(&zipped(&[("a", &zeros)]), &[], "it expands to more than 200 times its size");
    check_refused(&gzip(&tarred(&[("a", &zeros)])), &[], "200 times its size");
    check_refused(
        &one,
        &["--max-archive-size", "1M"],
        "it expands to more than --max-archive-size",
    );
    // Each is small; all together are not.
    let part: &[u8] = &zeros[..1 << 20];
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), part)).collect();
    check_refused(&zipped(&parts), &[], "200 times its size");
    // Packed once more it is no smaller a bomb.
    check_refused(&zipped(&[("b", &zipped(&[("c", &gzip(&zeros))]))]), &[], "200 times its size");
    // A name that claims to be as long as everything else.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(zeros.len() as u64);
    header.set_cksum();
    check_refused(
        &gzip(&[header.as_bytes(), zeros.as_slice()].concat()),
        &[],
        "200 times its size",
    );
}

#[test]
fn depth_and_entries_are_limited() {
    let mut archive = zipped(&[("key", &secret())]);
    for _ in 0..3 {
        archive = zipped(&[("inner.zip", &archive)]);
    }
    check_refused(&archive, &["--archive-depth", "3"], "not opened that deep");
    let folder = Folder::new().with("a.zip", &archive);
    folder.run(&[&SCAN[..], &["--archive-depth", "4", "."]].concat()).with_code(4);
    let mut header = tar::Header::new_gnu();
    header.set_path("a").unwrap();
    header.set_size(0);
    header.set_cksum();
    let many = header.as_bytes().repeat(100_001);
    check_refused(&many, &[], "it has more than 100000 entries");
}

#[test]
fn damaged_and_encrypted_archives_are_said_and_the_rest_is_read() {
    let whole = gzip(&b"1 clean line\n".repeat(100));
    check_refused(&whole[..whole.len() / 2], &[], "it is damaged");
    // What comes before the damage is read.
    let before = gzip(&[secret(), b"1 clean line\n".repeat(100)].concat());
    let ended = check("a.gz", &before[..before.len() - 12], &["a.gz!a:2:7"]);
    assert!(ended.stderr.contains("`a.gz!a` is not scanned, or not to its end"), "{ended:?}");
    check_refused(b"PK\x03\x04 and no more", &[], "it is damaged");
    check_refused(&tarred(&[("a", b"clean clean clean")])[..520], &[], "it is damaged");
    let good = zipped(&[("aa", b"clean clean clean"), ("key", &secret())]);
    // The first entry's method in both headers: 99, encrypted by AES.
    let mut odd = good.clone();
    odd[8] = 12;
    let directory = good.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    odd[directory + 10] = 12;
    let ended = check("a.zip", &odd, &["a.zip!key:2:7"]);
    assert!(
        ended.stderr.contains("`a.zip!aa` is not scanned") && ended.stderr.contains("1 unreadable")
    );
    assert!(ended.stderr.contains("its compression is not known"), "{ended:?}");
    let mut locked = good.clone();
    locked[6] |= 1;
    locked[directory + 8] |= 1;
    let ended = check("a.zip", &locked, &["a.zip!key:2:7"]);
    assert!(ended.stderr.contains("it is encrypted"), "{ended:?}");
}

#[test]
fn an_entry_over_the_size_of_a_file_is_said() {
    let large = "x1y ".repeat(3000);
    let archive = zipped(&[("large", large.as_bytes()), ("key", &secret())]);
    let folder = Folder::new().with("a.zip", archive);
    let ended = folder.run(&[&SCAN[..], &["--max-file-size", "4K", "."]].concat()).with_code(4);
    assert!(ended.stderr.contains("`a.zip!large` is not scanned: it is larger"), "{ended:?}");
    assert!(ended.stderr.contains("1 too large"), "{ended:?}");
}

#[test]
fn what_follows_the_end_of_a_tar_is_read_or_said() {
    let clean = tarred(&[("aa", b"clean clean clean")]);
    let two = [clean.clone(), tarred(&[("key", &secret())])].concat();
    check("a.tar", &two, &["a.tar!key:2:7"]);
    check("a.tgz", &gzip(&two), &["a.tgz!key:2:7"]);
    check_refused(&[clean.clone(), secret().repeat(100)].concat(), &[], "it is damaged");
    check("a.tar", &[clean, vec![0; 10240]].concat(), &[]);
}

#[test]
fn an_entry_that_the_directory_of_a_zip_does_not_list_is_said() {
    let listed = zipped(&[("aa", b"clean clean clean"), ("bb", b"clean clean clean")]);
    let start = listed.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let second = listed.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = listed.windows(4).position(|bytes| bytes == b"PK\x05\x06").unwrap();
    // Without the first entry of the directory, and its end says so.
    let mut hidden = [&listed[..start], &listed[second..]].concat();
    let end = end - (second - start);
    hidden[end + 8] = 1;
    hidden[end + 10] = 1;
    let size = u8::try_from(end - start).unwrap();
    hidden[end + 12] = size;
    check_refused(&hidden, &[], "it has entries that its directory does not list");
    // An archive within is no entry of the outer one.
    check("a.zip", &zipped(&[("b.zip", &listed)]), &[]);
}

/// `archive` with `more` behind the bytes of its one entry, whose directory counts these as its own.
fn stretched(archive: &[u8], more: &[u8]) -> Vec<u8> {
    let start = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = archive.windows(4).position(|bytes| bytes == b"PK\x05\x06").unwrap();
    let (front, back) = archive.split_at(start);
    let mut bytes = [front, more, back].concat();
    let mut add = |at: usize, len: usize| {
        let mut number = [0; 4];
        number.iter_mut().zip(bytes.iter().skip(at)).for_each(|(to, from)| *to = *from);
        let sum = u32::from_le_bytes(number) + u32::try_from(len).unwrap();
        bytes.splice(at..at + 4, sum.to_le_bytes());
    };
    add(start + more.len() + 20, more.len());
    add(end + more.len() + 16, more.len());
    bytes
}

#[test]
fn an_entry_in_the_bytes_of_another_one_is_said() {
    let hiding = "another entry there, which is not scanned";
    let listed = zipped(&[("aa", b"clean clean clean clean")]);
    let hidden = zipped(&[("key", &secret())]);
    let hidden = &hidden[..hidden.windows(4).position(|it| it == b"PK\x01\x02").unwrap()];
    // Its own header says where it ends.
    check_refused(&stretched(&listed, hidden), &[], hiding);
    // Its own header leaves the sizes to what follows: only its compression says where it ends.
    let mut open = stretched(&listed, hidden);
    open[6] |= 8;
    open[18..26].fill(0);
    check_refused(&open, &[], hiding);
    // Another compression than the directory says, by which the bytes are something else.
    let mut other = listed.clone();
    other[8] = 0;
    check_refused(&other, &[], hiding);
    // What writers write that do not know sizes before: nothing is hidden.
    let mut plain = zipped(&[("aa", &secret())]);
    plain[6] |= 8;
    plain[18..26].fill(0);
    let ended = check("a.zip", &plain, &["a.zip!aa:2:7"]);
    assert!(!ended.stderr.contains("not scanned"), "{ended:?}");
    // Sizes in a field of their own.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("aa", SimpleFileOptions::default().large_file(true)).unwrap();
    writer.write_all(&secret()).unwrap();
    let large = writer.finish().unwrap().into_inner();
    let ended = check("a.zip", &large, &["a.zip!aa:2:7"]);
    assert!(!ended.stderr.contains("not scanned"), "{ended:?}");
}

#[test]
fn any_cut_of_an_archive_ends_well() {
    let secret = secret();
    let inner = gzip(&tarred(&[("key", &secret)]));
    let archives =
        [zipped(&[("a.tgz", &inner), ("key", &secret)]), tarred(&[("a.tgz", &inner)]), inner];
    let mut folder = Folder::new();
    for (which, archive) in archives.iter().enumerate() {
        for cut in (0..archive.len()).step_by(7) {
            let mut bytes = archive[..cut].to_vec();
            folder = folder.with(&format!("{which}/{cut}"), &bytes);
            bytes = archive.clone();
            bytes[cut] ^= 0x5a;
            folder = folder.with(&format!("{which}/{cut}-flipped"), &bytes);
        }
    }
    let ended = folder.run(&[&SCAN[..], &["--quiet", "."]].concat()).with_code(4);
    assert!(!ended.stderr.contains("internal error"), "{}", ended.stderr);
}
