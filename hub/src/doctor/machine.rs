//! The machine: the data directory, its disk, the key, the folder of files.

use std::path::{Path, PathBuf};

use nix::{
    sys::statvfs::statvfs,
    unistd::{AccessFlags, access},
};

use super::Check;
use crate::{
    boot::{mark::refuse_marked, postgres::has_home, secrets},
    config::{Config, FilesUrl},
    house::{files_place, open_files},
};

/// Less free space than this is a reason to act soon, and at once.
const LITTLE: u64 = 1 << 30;
const TOO_LITTLE: u64 = 100 << 20;

/// The folder itself, or the nearest one above it that is there.
fn nearest(folder: &Path) -> PathBuf {
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

fn may_write(folder: &Path) -> Result<(), String> {
    access(folder, AccessFlags::W_OK | AccessFlags::X_OK)
        .map_err(|error| format!("{} cannot be written to: {error}", folder.display()))
}

pub(super) fn data_dir(config: &Config) -> Check {
    const NAME: &str = "data directory";
    let dir = &config.data_dir;
    if config.database_url.is_none()
        && let Err(error) = refuse_marked(dir)
    {
        return Check::failed(NAME, dir.display().to_string(), error.to_string());
    }
    let place = nearest(dir);
    match may_write(&place) {
        Err(error) => {
            Check::failed(NAME, error, "give this user the right, or choose another with --data-dir")
        }
        Ok(()) if place == *dir => Check::ok(NAME, dir.display().to_string()),
        Ok(()) => Check::ok(NAME, format!("{}, which will be made", dir.display())),
    }
}

pub(super) fn disk(config: &Config) -> Check {
    const NAME: &str = "disk";
    let place = nearest(&config.data_dir);
    let free = match statvfs(&place) {
        Ok(told) => told.blocks_available().saturating_mul(told.fragment_size()),
        Err(error) => {
            return Check::warning(NAME, error.to_string(), "look by yourself how much space is free");
        }
    };
    let found = format!("{} MiB free at {}", free >> 20, place.display());
    let advice = "make room, or put the data directory on a larger disk";
    match free {
        0..TOO_LITTLE => Check::failed(NAME, found, advice),
        TOO_LITTLE..LITTLE => Check::warning(NAME, found, advice),
        _ => Check::ok(NAME, found),
    }
}

pub(super) fn secret_key(config: &Config) -> Check {
    const NAME: &str = "secret key";
    if config.database_url.is_some() {
        return match &config.secret_key {
            Some(_) => Check::ok(NAME, "TURUMBA_SECRET_KEY is set; keep a copy of it where no machine is"),
            None => Check::failed(NAME, "none", secrets::SecretKeyError::Required.to_string()),
        };
    }
    // where there is neither a database nor a key, asking would make one
    if secrets::kept_file(&config.data_dir).is_none() && !has_home(&config.data_dir) {
        return Check::ok(NAME, "none yet; the first start makes it");
    }
    match secrets::secret_key(
        config.secret_key.as_ref(),
        secrets::SealedIn::Private { data_dir: &config.data_dir },
    ) {
        Ok(_) => Check::ok(NAME, format!("in {}", config.data_dir.join(secrets::FILE).display())),
        Err(error) => Check::failed(NAME, "not usable", error.to_string()),
    }
}

pub(super) async fn files(config: &Config) -> Check {
    const NAME: &str = "files";
    let place = files_place(config, &config.data_dir);
    let FilesUrl::Folder(folder) = &place else { return bucket(NAME, &place).await };
    let nearest = nearest(folder);
    if config.files_url.is_some() && nearest != *folder {
        let advice = "make the folder, or mount what belongs there: every node must see the same files";
        return Check::failed(NAME, format!("{} is not there", folder.display()), advice);
    }
    match may_write(&nearest) {
        Ok(()) => Check::ok(NAME, folder.display().to_string()),
        Err(error) => Check::failed(NAME, error, "give this user the right to write there"),
    }
}

/// Writes, reads and removes a small object.
async fn bucket(name: &'static str, place: &FilesUrl) -> Check {
    let found = match open_files(place) {
        Ok(files) => files.probe().await.map_err(|error| error.message),
        Err(error) => Err(format!("{error:#}")),
    };
    match found {
        Ok(()) => Check::ok(name, place.to_string()),
        Err(error) => Check::failed(
            name,
            format!("{place}: {error}"),
            "check that the bucket is there, its endpoint and region, and that the key may write, read, list and \
             delete; the log says what it answered",
        ),
    }
}
