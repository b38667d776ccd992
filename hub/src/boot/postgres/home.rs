//! Where the cluster lies and as whom its processes run.
//!
//! Usually `postgres/<major>` in the data directory, as the hub's own user. PostgreSQL refuses to run as root: a hub
//! that is root runs it as `postgres` (or `nobody`), in the data directory if that user may get there, else under
//! `/var/lib/turumba`, and `postgres-home` in the data directory records where. The choice is made once.

use std::{
    fs::Permissions,
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use nix::unistd::{User, geteuid};
use rand::RngCore as _;

use super::{PostgresError, failed};
use crate::boot::lock::DataDir;

/// The file in the data directory that records a cluster that lies elsewhere.
const RECORD: &str = "postgres-home";
/// The folder for clusters whose data directory the unprivileged user cannot reach.
pub(super) const ELSEWHERE: &str = "/var/lib/turumba/clusters";

/// The user that the server runs as when the hub is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunAs {
    pub uid: u32,
    pub gid: u32,
}

/// The folder of the cluster (`<home>/<major>`), its log and, where the path is short enough, its socket.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub dir: PathBuf,
    pub run_as: Option<RunAs>,
}

impl Home {
    /// The home that a data directory already has.
    pub fn existing(data_dir: &Path) -> Result<Option<Self>, PostgresError> {
        let record = data_dir.join(RECORD);
        let dir = match std::fs::read_to_string(&record) {
            Ok(text) => PathBuf::from(text.trim()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => data_dir.join("postgres"),
            Err(error) => return Err(failed("reading", &record)(error)),
        };
        let owner = match std::fs::metadata(&dir) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("reading", &dir)(error)),
        };
        let run_as = geteuid().is_root().then(|| RunAs { uid: owner.uid(), gid: owner.gid() });
        if run_as.is_some_and(|user| user.uid == 0) {
            // made by root and not yet handed over when its maker was killed: nothing is in it
            return Ok(None);
        }
        Ok(Some(Self { dir, run_as }))
    }

    /// The home of a held data directory, made if it has none.
    pub fn of(data_dir: &DataDir, elsewhere: &Path) -> Result<Self, PostgresError> {
        if let Some(home) = Self::existing(data_dir.path())? {
            return Ok(home);
        }
        if !geteuid().is_root() {
            let dir = data_dir.path().join("postgres");
            make_dir(&dir, None)?;
            return Ok(Self { dir, run_as: None });
        }
        let run_as = unprivileged()?;
        if data_dir.was_made() {
            // the server's user has to pass through, and only it
            chown(data_dir.path(), None, Some(run_as.gid))
                .map_err(failed("handing over", data_dir.path()))?;
            std::fs::set_permissions(data_dir.path(), Permissions::from_mode(0o710))
                .map_err(failed("handing over", data_dir.path()))?;
        }
        let record = data_dir.path().join(RECORD);
        let dir = if may_reach(run_as, data_dir.path()) {
            data_dir.path().join("postgres")
        } else {
            let name = format!("{:016x}", rand::rng().next_u64());
            let dir = elsewhere.join(name);
            std::fs::create_dir_all(elsewhere).map_err(failed("making", elsewhere))?;
            std::fs::write(&record, format!("{}\n", dir.display())).map_err(failed("writing", &record))?;
            dir
        };
        make_dir(&dir, Some(run_as))?;
        Ok(Self { dir, run_as: Some(run_as) })
    }

    /// The majors of the clusters that lie here; more than one only after an interrupted upgrade.
    pub fn majors(&self) -> Result<Vec<u32>, PostgresError> {
        let mut majors = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(failed("reading", &self.dir))? {
            let entry = entry.map_err(failed("reading", &self.dir))?;
            if let Some(major) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                majors.push(major);
            }
        }
        majors.sort_unstable();
        Ok(majors)
    }
}

/// Makes a directory that only the server's user may enter.
pub(super) fn make_dir(dir: &Path, owner: Option<RunAs>) -> Result<(), PostgresError> {
    match std::fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(failed("making", dir)(error));
        }
        _ => {}
    }
    std::fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(failed("protecting", dir))?;
    if let Some(RunAs { uid, gid }) = owner {
        chown(dir, Some(uid), Some(gid)).map_err(failed("handing over", dir))?;
    }
    Ok(())
}

/// The user that PostgreSQL's package made for it, else the one without rights.
fn unprivileged() -> Result<RunAs, PostgresError> {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .filter(|user| !user.uid.is_root())
        .map(|user| RunAs { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
        .ok_or(PostgresError::NoUnprivilegedUser)
}

/// Whether a user may pass through every folder down to `dir`, by the permission bits.
fn may_reach(user: RunAs, dir: &Path) -> bool {
    dir.ancestors().all(|folder| {
        std::fs::metadata(folder).is_ok_and(|there| {
            let pass = if there.uid() == user.uid {
                0o100
            } else if there.gid() == user.gid {
                0o010
            } else {
                0o001
            };
            there.mode() & pass != 0
        })
    })
}
