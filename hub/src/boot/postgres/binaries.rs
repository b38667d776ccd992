//! Finding PostgreSQL's programs on this machine.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::PostgresError;

/// The oldest major version that a cluster may have.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// One installation: the folder with `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
}

impl Binaries {
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// For a new cluster: the folder that the operator named, else the newest there is.
pub(super) fn newest(named: Option<&Path>) -> Result<Binaries, PostgresError> {
    if let Some(dir) = named {
        let found =
            installation(dir).ok_or_else(|| PostgresError::NamedBinariesMissing { dir: dir.to_owned() })?;
        return recent_enough(found);
    }
    let newest = usual_places().iter().filter_map(|dir| installation(dir)).max_by_key(|found| found.major);
    recent_enough(newest.ok_or_else(none_found)?)
}

/// For a cluster that exists: its own major version, nothing else can open it.
pub(super) fn of_major(major: u32, cluster: &Path, named: Option<&Path>) -> Result<Binaries, PostgresError> {
    let places = named.map(Path::to_owned).into_iter().chain(usual_places());
    let mut others = Vec::new();
    for dir in places {
        match installation(&dir) {
            Some(found) if found.major == major => return Ok(found),
            Some(found) if !others.contains(&found.major) => others.push(found.major),
            _ => {}
        }
    }
    Err(PostgresError::ClusterOfAnotherMajor {
        cluster: cluster.to_owned(),
        major,
        found: match others.as_slice() {
            [] => "none".to_owned(),
            majors => majors.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
        },
        install: install_command(Some(major)),
    })
}

fn recent_enough(found: Binaries) -> Result<Binaries, PostgresError> {
    if found.major >= OLDEST_MAJOR {
        return Ok(found);
    }
    Err(PostgresError::TooOld { dir: found.dir, major: found.major, install: install_command(None) })
}

fn none_found() -> PostgresError {
    PostgresError::NotInstalled { install: install_command(None) }
}

/// Folders in which package managers put PostgreSQL, and `PATH`.
fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for (parent, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "bin"),
    ] {
        let folders = std::fs::read_dir(parent).into_iter().flatten().flatten();
        places.extend(
            folders
                .filter(|folder| {
                    parent == "/usr/lib/postgresql"
                        || folder.file_name().to_string_lossy().starts_with("postgresql")
                })
                .map(|folder| folder.path().join(inner)),
        );
    }
    places
}

/// The installation in a folder. Links are followed, because the server finds its own files relative to itself.
fn installation(dir: &Path) -> Option<Binaries> {
    let real = dir.join("postgres").canonicalize().ok()?;
    let dir = real.parent()?;
    if !dir.join("initdb").exists() {
        return None;
    }
    let output = Command::new(&real).arg("--version").output().ok()?;
    Some(Binaries { dir: dir.to_owned(), major: major_of(&String::from_utf8_lossy(&output.stdout))? })
}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian …)`, also of `19beta1` and `19devel`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).map_or(number, |end| &number[..end]);
    digits.parse().ok()
}

/// The one command that installs PostgreSQL here.
fn install_command(major: Option<u32>) -> String {
    let exists = |path: &str| Path::new(path).exists();
    match major {
        _ if cfg!(target_os = "macos") => format!("brew install postgresql@{}", major.unwrap_or(17)),
        Some(major) if exists("/etc/debian_version") => format!("apt-get install postgresql-{major}"),
        None if exists("/etc/debian_version") => "apt-get install postgresql".to_owned(),
        Some(major) if exists("/sbin/apk") => format!("apk add postgresql{major}"),
        None if exists("/sbin/apk") => "apk add postgresql".to_owned(),
        Some(major) if exists("/usr/bin/dnf") => format!("dnf install postgresql{major}-server"),
        None if exists("/usr/bin/dnf") => "dnf install postgresql-server".to_owned(),
        Some(major) => format!("apt-get install postgresql-{major} (or your system's own command)"),
        None => "apt-get install postgresql (or your system's own command)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors_are_read_from_every_form_of_version() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_of("postgres (PostgreSQL) 20devel"), Some(20));
        assert_eq!(major_of("sh: not found"), None);
    }

    #[test]
    fn a_named_folder_without_programs_is_an_error_by_name() {
        let refused = newest(Some(Path::new("/nowhere"))).unwrap_err().to_string();
        assert!(refused.contains("TURUMBA_POSTGRES_BIN") && refused.contains("/nowhere"), "{refused}");
    }

    #[test]
    fn a_missing_major_names_the_cluster_and_the_command() {
        let refused = of_major(3, Path::new("/data/postgres/3"), None).unwrap_err().to_string();
        assert!(refused.contains("/data/postgres/3") && refused.contains("install"), "{refused}");
    }
}
