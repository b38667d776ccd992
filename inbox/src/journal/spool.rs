//! Bodies on disk while the store is down: segments of checked records, fsynced before they count.
//!
//! A record is `length, first 8 bytes of SHA-256, JSON`. A record cut off at the end of a segment was
//! never acknowledged (that comes after the fsync) and is dropped; a damaged one elsewhere is skipped,
//! and its segment kept aside for a person.

mod aside;

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use model::ChannelId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Accepted, Unverified};

/// A segment that has grown to this is closed.
const SEGMENT_MAX: u64 = 8 << 20;
const HEAD: usize = 12;
/// No record is larger: a body of 64 MiB, the most that can be allowed, is 86 as text. A larger length is damage.
const RECORD_MAX: usize = 128 << 20;

/// What lies in the spool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Record {
    Verified(Accepted),
    Unverified(Unverified),
}

impl Record {
    fn channel_id(&self) -> ChannelId {
        match self {
            Self::Verified(body) => body.channel_id,
            Self::Unverified(webhook) => webhook.channel_id,
        }
    }
}

#[derive(Default)]
struct State {
    /// Bytes of each segment, by number.
    segments: BTreeMap<u64, u64>,
    /// The segment that is appended to.
    open: Option<(u64, std::fs::File)>,
    unverified_bytes: u64,
    next: u64,
}

/// The spool of one node.
pub(super) struct Spool {
    dir: PathBuf,
    max: u64,
    state: Arc<Mutex<State>>,
    waiting: Arc<Mutex<Waiting>>,
}

/// Records that wait, by channel. Has a lock of its own: the state's is held while a file is synced.
type Waiting = HashMap<ChannelId, usize>;

impl Spool {
    /// Opens the folder and counts what waits in it.
    pub(super) async fn open(dir: PathBuf, max: u64) -> io::Result<Self> {
        blocking(move || {
            std::fs::create_dir_all(&dir)?;
            let mut state = State::default();
            let mut waiting = Waiting::default();
            for number in numbers(&dir)? {
                let read = read_segment(&path_of(&dir, number))?;
                for (record, size) in &read.records {
                    count(&mut state, &mut waiting, record, *size);
                }
                state.segments.insert(number, std::fs::metadata(path_of(&dir, number))?.len());
                state.next = number + 1;
            }
            Ok(Self { dir, max, state: Arc::new(Mutex::new(state)), waiting: Arc::new(Mutex::new(waiting)) })
        })
        .await
    }

    /// How many records wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.lock().values().sum()
    }

    /// Whether something of this channel waits.
    pub(super) fn holds(&self, channel: ChannelId) -> bool {
        self.waiting.lock().contains_key(&channel)
    }

    /// Appends records and returns when they are on the disk: all or none.
    pub(super) async fn append(&self, records: Vec<Record>) -> io::Result<()> {
        let (state, dir, max) = (Arc::clone(&self.state), self.dir.clone(), self.max);
        let waiting = Arc::clone(&self.waiting);
        blocking(move || append(&mut state.lock(), &waiting, &dir, max, &records)).await
    }

    /// The oldest segment's records. The segment is closed for appending: what comes now goes to the next.
    pub(super) async fn oldest(&self) -> io::Result<Option<(u64, Vec<Record>)>> {
        let (state, dir) = (Arc::clone(&self.state), self.dir.clone());
        blocking(move || {
            let number = {
                let mut state = state.lock();
                let Some(number) = state.segments.keys().next().copied() else { return Ok(None) };
                if state.open.as_ref().is_some_and(|(open, _)| *open == number) {
                    state.open = None;
                }
                number
            };
            let path = path_of(&dir, number);
            let read = read_segment(&path)?;
            if read.damaged > 0 {
                tracing::error!(segment = %path.display(), records = read.damaged,
                    "damaged records in the spool; a copy of the segment is kept");
                std::fs::copy(&path, path.with_extension("damaged"))?;
            }
            Ok(Some((number, read.records.into_iter().map(|(record, _)| record).collect())))
        })
        .await
    }

    /// Forgets a segment whose records are in the store.
    pub(super) async fn done(&self, number: u64, records: &[Record]) -> io::Result<()> {
        let (state, waiting, dir) = (Arc::clone(&self.state), Arc::clone(&self.waiting), self.dir.clone());
        let sizes: Vec<(ChannelId, u64)> = records
            .iter()
            .map(|record| {
                let unverified = matches!(record, Record::Unverified(_));
                (record.channel_id(), if unverified { encoded_len(record) } else { 0 })
            })
            .collect();
        blocking(move || {
            std::fs::remove_file(path_of(&dir, number))?;
            let (mut state, mut waiting) = (state.lock(), waiting.lock());
            state.segments.remove(&number);
            for (channel, unverified) in sizes {
                state.unverified_bytes = state.unverified_bytes.saturating_sub(unverified);
                if let Some(count) = waiting.get_mut(&channel) {
                    *count -= 1;
                    if *count == 0 {
                        waiting.remove(&channel);
                    }
                }
            }
            Ok(())
        })
        .await
    }
}

fn append(
    state: &mut State,
    waiting: &Mutex<Waiting>,
    dir: &Path,
    max: u64,
    records: &[Record],
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut unverified = 0;
    let mut sizes = Vec::new();
    for record in records {
        let before = bytes.len();
        encode(record, &mut bytes)?;
        let size = (bytes.len() - before) as u64;
        sizes.push(size);
        if matches!(record, Record::Unverified(_)) {
            unverified += size;
        }
    }
    let used: u64 = state.segments.values().sum();
    if used + bytes.len() as u64 > max {
        return Err(io::Error::new(io::ErrorKind::StorageFull, "the spool is full"));
    }
    if unverified > 0 && state.unverified_bytes + unverified > max / 10 {
        return Err(io::Error::new(
            io::ErrorKind::StorageFull,
            "the spool's tenth for unverified bodies is full",
        ));
    }
    let (number, mut file) = match state.open.take() {
        Some((number, file)) if state.segments.get(&number).is_some_and(|size| *size < SEGMENT_MAX) => {
            (number, file)
        }
        _ => {
            let number = state.next;
            let path = path_of(dir, number);
            let file = private().create_new(true).append(true).open(path)?;
            std::fs::File::open(dir)?.sync_all()?;
            state.next += 1;
            state.segments.insert(number, 0);
            (number, file)
        }
    };
    let before = state.segments.get(&number).copied().unwrap_or(0);
    if let Err(error) = file.write_all(&bytes).and_then(|()| file.sync_data()) {
        // nothing was acknowledged; after a failed fsync this file is not trusted with more
        let _ = file.set_len(before);
        if before == 0 && std::fs::remove_file(path_of(dir, number)).is_ok() {
            // each try on a full disk would leave an empty one behind
            state.segments.remove(&number);
        }
        return Err(error);
    }
    state.segments.insert(number, before + bytes.len() as u64);
    state.open = Some((number, file));
    let mut waiting = waiting.lock();
    for (record, size) in records.iter().zip(sizes) {
        count(state, &mut waiting, record, size);
    }
    Ok(())
}

fn count(state: &mut State, waiting: &mut Waiting, record: &Record, size: u64) {
    *waiting.entry(record.channel_id()).or_default() += 1;
    if matches!(record, Record::Unverified(_)) {
        state.unverified_bytes += size;
    }
}

fn encode(record: &Record, out: &mut Vec<u8>) -> io::Result<()> {
    let json = serde_json::to_vec(record)?;
    if json.len() > RECORD_MAX {
        // it would be taken for damage when it is read
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a body is too large for the spool"));
    }
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&check(&json));
    out.extend_from_slice(&json);
    Ok(())
}

fn encoded_len(record: &Record) -> u64 {
    serde_json::to_vec(record).map_or(0, |json| (json.len() + HEAD) as u64)
}

fn check(json: &[u8]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(json)[..8]);
    first
}

struct Segment {
    /// Each with its size in bytes.
    records: Vec<(Record, u64)>,
    damaged: usize,
}

fn read_segment(path: &Path) -> io::Result<Segment> {
    let mut file = io::BufReader::new(std::fs::File::open(path)?);
    let total = file.seek(io::SeekFrom::End(0))?;
    file.rewind()?;
    let mut segment = Segment { records: Vec::new(), damaged: 0 };
    let mut at = 0;
    while at + HEAD as u64 <= total {
        let mut head = [0; HEAD];
        file.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at + (HEAD + length) as u64;
        if length > RECORD_MAX || end > total {
            break;
        }
        let mut json = vec![0; length];
        file.read_exact(&mut json)?;
        let last = end == total;
        at = end;
        match serde_json::from_slice::<Record>(&json) {
            Ok(record) if check(&json) == head[4..] => segment.records.push((record, (HEAD + length) as u64)),
            // the tail of a write that was cut: never acknowledged
            _ if last => break,
            _ => segment.damaged += 1,
        }
    }
    if at < total {
        tracing::warn!(segment = %path.display(), bytes = total - at, "a cut record at the end of the spool is dropped");
    }
    Ok(segment)
}

/// For files that only the hub's own user may read: they hold what customers write.
fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:016}.log"))
}

fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number: Option<u64> =
            name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|stem| stem.parse().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
