//! The server's processes: who they are, whether they live, how they are told to stop.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, waitpid},
    },
    unistd::Pid,
};
use tokio::process::Child;

/// How often a process that is not our child is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What `postmaster.pid` says about a running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    pub pid: u32,
    pub socket_dir: PathBuf,
}

impl PidFile {
    /// The pid file of a cluster; `None` when there is none or it is still being written.
    pub fn read(cluster: &Path) -> io::Result<Option<Self>> {
        match std::fs::read_to_string(cluster.join("postmaster.pid")) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let socket_dir = lines.nth(3)?.trim();
        (!socket_dir.is_empty()).then(|| Self { pid, socket_dir: socket_dir.into() })
    }
}

/// A server process, ours or one that outlived the hub that started it.
#[derive(Debug)]
pub(super) enum Postmaster {
    Child(Child, u32),
    Adopted(u32),
}

impl Postmaster {
    pub fn pid(&self) -> u32 {
        match self {
            Self::Child(_, pid) | Self::Adopted(pid) => *pid,
        }
    }

    /// Returns when the process has ended.
    pub async fn ended(&mut self) {
        match self {
            Self::Child(child, pid) => {
                if let Err(error) = child.wait().await {
                    tracing::warn!(pid, %error, "waiting for the database process failed");
                }
            }
            Self::Adopted(pid) => {
                while lives(*pid) {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    pub fn has_ended(&mut self) -> bool {
        match self {
            Self::Child(child, _) => child.try_wait().map_or(true, |status| status.is_some()),
            Self::Adopted(pid) => !lives(*pid),
        }
    }

    /// Fast shutdown (open transactions are rolled back, everything is flushed); immediate after `patience`, killed
    /// after as long again. Nothing that was committed is lost by either.
    pub async fn stop(&mut self, patience: Duration) {
        let pid = self.pid();
        for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGKILL] {
            tell(pid, signal);
            if tokio::time::timeout(patience, self.ended()).await.is_ok() {
                return;
            }
            tracing::warn!(pid, %signal, "the database did not stop in time");
        }
    }
}

/// Whether a process runs; one that has ended and only waits to be reaped does not.
pub(super) fn lives(pid: u32) -> bool {
    let id = Pid::from_raw(pid as i32);
    // a process adopted from a dead hub becomes our child when we are a container's first process: nobody else reaps it
    let _not_ours = waitpid(id, Some(WaitPidFlag::WNOHANG));
    if !exists(pid) {
        return false;
    }
    !std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

fn exists(pid: u32) -> bool {
    !matches!(kill(Pid::from_raw(pid as i32), None), Err(Errno::ESRCH))
}

/// Whether a living process works in this cluster; where the system cannot say (no `/proc`), a process named by the
/// pid file is taken at its word and the database is asked afterwards.
pub(super) fn works_in(pid: u32, cluster: &Path) -> bool {
    if !Path::new("/proc/self/cwd").exists() {
        return true;
    }
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster)
}

/// Ends what a killed postmaster left behind (its children work on for a moment, one inside a long query for longer)
/// and, when nothing of it is left but a pid file whose number some other program (or an unreaped remnant) has by
/// now, removes that file and the socket's: a new server would take them for a running one's.
/// With anything of the old server alive the file stays: it is what keeps two servers from one cluster.
pub(super) async fn clear_remains(cluster: &Path, socket_lock: &Path) -> io::Result<()> {
    let started = Instant::now();
    loop {
        let left = processes_in(cluster);
        if left.is_empty() {
            break;
        }
        let signal = match started.elapsed() {
            waited if waited < Duration::from_millis(300) => None,
            waited if waited < Duration::from_secs(5) => Some(Signal::SIGQUIT),
            _ => Some(Signal::SIGKILL),
        };
        if let Some(signal) = signal {
            for pid in left {
                tell(pid, signal);
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for file in [&cluster.join("postmaster.pid"), socket_lock] {
        let pid = match std::fs::read_to_string(file) {
            Ok(text) => text.lines().next().and_then(|line| line.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if pid.is_some_and(|pid| exists(pid) && !(lives(pid) && works_in(pid, cluster))) {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// Processes whose working directory is the cluster: PostgreSQL's, every one of them.
fn processes_in(cluster: &Path) -> Vec<u32> {
    let own = std::process::id();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster))
        .collect()
}

fn tell(pid: u32, signal: Signal) {
    if let Err(error) = kill(Pid::from_raw(pid as i32), signal)
        && error != Errno::ESRCH
    {
        tracing::warn!(pid, %signal, %error, "the database process could not be signalled");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_and_half_of_one_is_not() {
        let text = "4711\n/data/postgres/15\n1763880000\n5432\n/tmp/turumba-1\n\n  5432001   3\nready   \n";
        assert_eq!(PidFile::parse(text), Some(PidFile { pid: 4711, socket_dir: "/tmp/turumba-1".into() }));
        assert_eq!(PidFile::parse("4711\n/data/postgres/15\n1763880000\n5432\n"), None);
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn this_process_lives_and_does_not_work_in_a_cluster() {
        assert!(lives(std::process::id()));
        assert!(!lives(i32::MAX as u32));
        assert!(!works_in(std::process::id(), Path::new("/nowhere")) || cfg!(not(target_os = "linux")));
    }
}
