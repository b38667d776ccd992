//! The file of a backup: a tar archive, and after its end one line with the SHA-256 of every byte before it.
//!
//! Common tools can look into it. A file that was cut off or altered anywhere is known as such before anything of it
//! is used.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, Read, Seek as _, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use tar::{Archive, Builder, EntryType, Header};

/// What the last line begins with.
const TRAILER: &str = "turumba backup sha256 ";
/// The last line: the words, 64 hex digits, a line end.
const TRAILER_LENGTH: u64 = TRAILER.len() as u64 + 65;
/// The first entry.
const MANIFEST: &str = "manifest.json";
/// The version of this format.
const FORMAT: u32 = 1;

/// Why a backup cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{file} is no backup, or is cut off: its last line is not a checksum; take another copy of it")]
    NoEnd { file: PathBuf },
    #[error(
        "{file} is damaged: it is not what was written when the backup was made; take another copy of it"
    )]
    Altered { file: PathBuf },
    #[error("{file} is a backup of a newer version of turumba (format {found}, this program knows {FORMAT})")]
    Newer { file: PathBuf, found: u32 },
    #[error("{file} holds {entry:?}, which no backup has")]
    Stranger { file: PathBuf, entry: String },
    #[error("{file} is there already; a backup overwrites nothing")]
    Exists { file: PathBuf },
    #[error("{doing} {path} failed: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Io { doing, path, source }
}

/// The envelope of what every backup says about itself first.
#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    format: u32,
    #[serde(flatten)]
    manifest: M,
}

/// The version alone, which every later format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// Hashes what passes through.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A backup that is being written, beside its place until it is whole.
pub(super) struct Writer {
    file: PathBuf,
    partial: PathBuf,
    tar: Option<Builder<Hashing<File>>>,
}

impl Writer {
    pub fn create(file: &Path, manifest: &impl Serialize) -> Result<Self, ArchiveError> {
        if file.exists() {
            return Err(ArchiveError::Exists { file: file.to_owned() });
        }
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let tar =
            Builder::new(Hashing { inner: open.map_err(failed("writing", &partial))?, hash: Sha256::new() });
        let mut writer = Self { file: file.to_owned(), partial, tar: Some(tar) };
        let envelope = serde_json::to_vec_pretty(&Envelope { format: FORMAT, manifest })
            .map_err(|error| failed("writing", file)(error.into()))?;
        writer.bytes(MANIFEST, &envelope)?;
        Ok(writer)
    }

    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.append(name, bytes.len() as u64, bytes)
    }

    /// A file that nobody writes to any more. One that has gone is left out; says whether it was there.
    pub fn file(&mut self, name: &str, path: &Path) -> Result<bool, ArchiveError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("reading", path)(error)),
        };
        let size = file.metadata().map_err(failed("reading", path))?.len();
        let mut exactly = Exactly { inner: file.take(size), left: size };
        self.append(name, size, &mut exactly)?;
        Ok(true)
    }

    fn append(&mut self, name: &str, size: u64, data: impl Read) -> Result<(), ArchiveError> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(size);
        let tar = self.tar.as_mut().expect("taken only when it is finished");
        tar.append_data(&mut header, name, data).map_err(failed("writing", &self.partial))
    }

    /// Writes the end, flushes everything and gives the file its name; returns its size.
    pub fn finish(mut self) -> Result<u64, ArchiveError> {
        let failed_here = || failed("writing", &self.partial);
        let tar = self.tar.take().expect("finished once");
        let Hashing { inner: mut file, hash } = tar.into_inner().map_err(failed_here())?;
        writeln!(file, "{TRAILER}{}", hex::encode(hash.finalize())).map_err(failed_here())?;
        file.sync_all().map_err(failed_here())?;
        let size = file.metadata().map_err(failed_here())?.len();
        std::fs::rename(&self.partial, &self.file).map_err(failed_here())?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("flushing", folder))?;
        Ok(size)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.tar.is_some() {
            // cut short: what was written so far is of no use
            let _gone = std::fs::remove_file(&self.partial);
        }
    }
}

/// Fails instead of ending early: the archive has already promised the length.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// A backup of which every byte was compared with its checksum.
pub(super) struct Verified<M> {
    file: PathBuf,
    length: u64,
    pub manifest: M,
}

impl<M: DeserializeOwned> Verified<M> {
    /// Reads the whole file and compares.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let reading = || failed("reading", path);
        let no_end = || ArchiveError::NoEnd { file: path.to_owned() };
        let altered = || ArchiveError::Altered { file: path.to_owned() };
        let mut file = File::open(path).map_err(reading())?;
        let size = file.metadata().map_err(reading())?.len();
        let length = size.checked_sub(TRAILER_LENGTH).ok_or_else(no_end)?;
        file.seek(SeekFrom::Start(length)).map_err(reading())?;
        let mut trailer = Vec::new();
        file.read_to_end(&mut trailer).map_err(reading())?;
        let sum = trailer.strip_prefix(TRAILER.as_bytes()).and_then(|rest| rest.strip_suffix(b"\n"));
        let sum = sum.and_then(|hex_digits| hex::decode(hex_digits).ok()).ok_or_else(no_end)?;
        file.rewind().map_err(reading())?;
        let mut hash = Hashing { inner: io::sink(), hash: Sha256::new() };
        io::copy(&mut (&mut file).take(length), &mut hash).map_err(reading())?;
        if hash.hash.finalize()[..] != sum[..] {
            return Err(altered());
        }
        // the manifest is the first entry
        file.rewind().map_err(reading())?;
        let mut tar = Archive::new(BufReader::new(file.take(length)));
        let mut first = tar.entries().map_err(reading())?.next().ok_or_else(no_end)?.map_err(reading())?;
        let mut text = Vec::new();
        first.read_to_end(&mut text).map_err(reading())?;
        let version: Version = serde_json::from_slice(&text).map_err(|_| no_end())?;
        if version.format != FORMAT {
            return Err(ArchiveError::Newer { file: path.to_owned(), found: version.format });
        }
        let envelope: Envelope<M> = serde_json::from_slice(&text).map_err(|_| altered())?;
        Ok(Self { file: path.to_owned(), length, manifest: envelope.manifest })
    }

    /// Writes every entry to the place that `place` has for its name. Files are for their owner only and on the disk
    /// when this returns.
    pub fn extract(&self, place: impl Fn(&str) -> Option<PathBuf>) -> Result<u64, ArchiveError> {
        let reading = || failed("reading", &self.file);
        let file = File::open(&self.file).map_err(reading())?;
        let mut tar = Archive::new(BufReader::new(file.take(self.length)));
        let mut count = 0;
        for entry in tar.entries().map_err(reading())? {
            let mut entry = entry.map_err(reading())?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if name == MANIFEST {
                continue;
            }
            // a name with .. would lead out of the data directory
            let plain =
                !name.starts_with('/') && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
            let to = plain.then(|| place(&name)).flatten();
            let to = to.ok_or(ArchiveError::Stranger { file: self.file.clone(), entry: name })?;
            let writing = || failed("writing", &to);
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(writing())?;
            }
            let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&to);
            let mut made = made.map_err(writing())?;
            io::copy(&mut entry, &mut made).map_err(writing())?;
            made.sync_all().map_err(writing())?;
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn backup(dir: &Path) -> PathBuf {
        let file = dir.join("a.backup");
        let mut writer = Writer::create(&file, &json!({ "by": "a test" })).unwrap();
        writer.bytes("one", b"first").unwrap();
        std::fs::write(dir.join("two"), vec![7; 3000]).unwrap();
        assert!(writer.file("folder/two", &dir.join("two")).unwrap());
        assert!(!writer.file("gone", &dir.join("gone")).unwrap());
        writer.finish().unwrap();
        file
    }

    #[test]
    fn what_goes_in_comes_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = backup(dir.path());
        let opened = Verified::<Value>::open(&file).unwrap();
        assert_eq!(opened.manifest["by"], "a test");
        let out = dir.path().join("out");
        assert_eq!(opened.extract(|name| Some(out.join(name))).unwrap(), 2);
        assert_eq!(std::fs::read(out.join("one")).unwrap(), b"first");
        assert_eq!(std::fs::read(out.join("folder/two")).unwrap(), vec![7; 3000]);
        let strange = opened.extract(|_| None).unwrap_err().to_string();
        assert!(strange.contains("\"one\""), "{strange}");
        assert!(matches!(Writer::create(&file, &json!({})), Err(ArchiveError::Exists { .. })));
    }

    #[test]
    fn a_change_anywhere_and_every_cut_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let whole = std::fs::read(backup(dir.path())).unwrap();
        let other = dir.path().join("other.backup");
        for at in (0..whole.len()).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&other, &bytes).unwrap();
            let refused = Verified::<Value>::open(&other).err().expect("noticed").to_string();
            assert!(refused.contains("other.backup"), "{refused}");
            std::fs::write(&other, &whole[..at]).unwrap();
            assert!(Verified::<Value>::open(&other).is_err(), "cut at {at}");
        }
        std::fs::write(&other, [&whole[..], b"more"].concat()).unwrap();
        assert!(Verified::<Value>::open(&other).is_err());
    }

    #[test]
    fn one_that_is_cut_short_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        drop(Writer::create(&dir.path().join("a.backup"), &json!({})).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
