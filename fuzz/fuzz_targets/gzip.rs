//! Files of gzip members, whole and damaged: what is unpacked in memory is the text that a stream of them has, as far as it goes,
//! or nothing; and what is whole is unpacked in memory.

#![no_main]

use std::cell::RefCell;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use arbitrary::Arbitrary;
use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use libfuzzer_sys::fuzz_target;
use lode_files::{TextFile, Unpacker};

#[derive(Arbitrary, Debug)]
struct Input {
    pieces: Vec<Piece>,
    damage: Vec<Damage>,
    /// The longest text; most inputs have room.
    most: Option<u16>,
}

#[derive(Arbitrary, Debug)]
enum Piece {
    Member(Member),
    /// Bytes between members, or in place of any.
    Junk(Vec<u8>),
    /// The end of a member with this text: its checksum and length.
    Trailer(Text),
    Zeros(u8),
}

#[derive(Arbitrary, Debug)]
struct Member {
    text: Text,
    level: u8,
    name: Option<Vec<u8>>,
    extra: Option<Vec<u8>>,
    /// Times that its own bytes are wrapped again as the text of a member.
    wrapped: u8,
}

#[derive(Arbitrary, Debug)]
enum Text {
    Bytes(Vec<u8>),
    Repeated(Vec<u8>, u16),
    Noise(u32, u16),
    Marked(Vec<u8>),
    Empty,
}

#[derive(Arbitrary, Debug)]
enum Damage {
    Cut(u16),
    Flip(u16, u8),
    Drop(u16, u8),
    Swap(u16, u16, u8),
}

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Repeated(bytes, times) => {
                bytes.iter().copied().cycle().take(bytes.len().min(1) * usize::from(*times) * 4).collect()
            }
            Self::Noise(seed, length) => {
                let mut state = u64::from(*seed) | 1;
                let mut next = || {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state as u8
                };
                (0..*length).map(|_| next()).collect()
            }
            Self::Marked(bytes) => [b"\xef\xbb\xbf", bytes.as_slice()].concat(),
            Self::Empty => Vec::new(),
        }
    }
}

impl Member {
    fn bytes(&self) -> Vec<u8> {
        let pack = |text: &[u8], level: u8| {
            let mut builder = GzBuilder::new();
            if let Some(name) = &self.name {
                builder = builder.filename(name.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>());
            }
            if let Some(extra) = &self.extra {
                builder = builder.extra(extra.clone());
            }
            let mut encoder = builder.write(Vec::new(), Compression::new(u32::from(level % 10)));
            encoder.write_all(text).expect("memory");
            encoder.finish().expect("memory")
        };
        let packed = pack(&self.text.bytes(), self.level);
        (0..self.wrapped % 3).fold(packed, |packed, _| pack(&packed, self.level / 10))
    }
}

fn trailer(text: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(text);
    [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat()
}

impl Input {
    /// The file, and whether it is members and nothing else.
    fn file(&self) -> (Vec<u8>, bool) {
        let mut file = Vec::new();
        for piece in self.pieces.iter().take(12) {
            file.extend(match piece {
                Piece::Member(member) => member.bytes(),
                Piece::Junk(junk) => junk.clone(),
                Piece::Trailer(text) => trailer(&text.bytes()),
                Piece::Zeros(count) => vec![0; usize::from(*count)],
            });
        }
        for damage in self.damage.iter().take(6) {
            let length = file.len();
            let place = |place: &u16| usize::from(*place) % length.max(1);
            match damage {
                Damage::Cut(at) => file.truncate(place(at)),
                Damage::Flip(at, bit) => {
                    if let Some(byte) = file.get_mut(place(at)) {
                        *byte ^= 1 << (bit % 8);
                    }
                }
                Damage::Drop(at, count) => {
                    let at = place(at);
                    file.drain(at..(at + usize::from(*count)).min(length));
                }
                Damage::Swap(a, b, count) => {
                    let (a, b) = (place(a), place(b));
                    for step in 0..usize::from(*count) {
                        if a.max(b) + step < length {
                            file.swap(a + step, b + step);
                        }
                    }
                }
            }
        }
        // Members of nothing are left to the stream: their checksum and length are zeros, which may stand anywhere.
        let told =
            |piece: &Piece| matches!(piece, Piece::Member(it) if it.wrapped % 3 > 0 || !it.text.bytes().is_empty());
        let whole = (1..=12).contains(&self.pieces.len()) && self.pieces.iter().all(told);
        (file, whole && self.damage.is_empty())
    }
}

fn streamed(path: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    TextFile::open(path).ok()?.text.read_to_end(&mut text).ok()?;
    Some(text)
}

fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The longest text, where the input says none.
const MOST: usize = 1 << 20;

thread_local! {
    /// What was in its buffers before must not matter.
    static USED: RefCell<Unpacker> = RefCell::new(Unpacker::new(MOST));
}

/// What is unpacked in memory of a file against the streams of it; `is_whole` says that all of it is members.
fn check(unpacker: &mut Unpacker, most: usize, file: &[u8], path: &Path, is_whole: bool) {
    let whole = unpacker.whole(path);
    if file.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        let is_read = MultiGzDecoder::new(file).read_to_end(&mut text).is_ok();
        match &whole {
            Some(ours) => {
                // Lengths that nobody writes are read as the longest where the checksum holds, and refused by the stream
                // (`a_code_that_nobody_writes_is_read_where_the_checksum_holds`): up to there the text is the same.
                assert!(ours.text.starts_with(unmarked(&text)), "{} bytes, but not those", ours.text.len());
                assert!(!is_read || ours.text.len() == unmarked(&text).len(), "{} bytes too many", ours.text.len());
                if !is_read {
                    return;
                }
            }
            None => assert!(!is_whole || text.len().max(file.len()) > most, "members are not unpacked in memory"),
        }
    }
    if let Some(ours) = whole {
        assert_eq!(ours.file_bytes, file.len() as u64);
        assert!(ours.text.len() <= most);
        assert_eq!(Some(ours.text), streamed(path).as_deref());
    }
}

fuzz_target!(|input: Input| {
    let (file, is_whole) = input.file();
    let path = std::env::temp_dir().join(format!("lode-fuzz-gzip-{}", std::process::id()));
    fs::write(&path, &file).expect("a file");
    match input.most {
        None => USED.with_borrow_mut(|used| check(used, MOST, &file, &path, is_whole)),
        Some(most) => check(&mut Unpacker::new(usize::from(most)), usize::from(most), &file, &path, is_whole),
    }
});
