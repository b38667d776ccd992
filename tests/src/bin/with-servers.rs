//! Runs a command with a PostgreSQL and a Redis of its own, which are gone afterwards.
//!
//! `with-servers cargo nextest run`: the command finds them in `TEST_DATABASE_URL` (as its owner, a
//! superuser; each test makes its own database there) and `TEST_REDIS_URL`. The exit code is the command's. Nothing is flushed to disk:
//! tests that cut the power start a private database themselves.

use std::{
    fs::Permissions,
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{ExitCode, ExitStatus},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use hub::boot::{
    lock::{DataDir, Holder},
    postgres::{Options, PrivatePostgres},
};
use tests::harness::Redis;
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// The folders of this program's runs begin with this and end with its process id.
const PREFIX: &str = "turumba-tests-";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else { bail!("usage: with-servers COMMAND [ARGUMENT…]") };
    remove_leftovers().await;
    let dir = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
    std::fs::create_dir(&dir)?;
    std::fs::set_permissions(&dir, Permissions::from_mode(0o711))?;
    let began = Instant::now();
    let postgres = start(&dir).await.context("starting PostgreSQL for the tests")?;
    let redis = Redis::start();
    eprintln!("with-servers: ready in {} ms", began.elapsed().as_millis());

    let child = Command::new(&program)
        .args(arguments)
        .env("TEST_DATABASE_URL", postgres.url())
        .env("TEST_DATABASE_DIR", &dir)
        .env("TEST_REDIS_URL", redis.url())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", program.display()));
    let status = match child {
        Ok(child) => wait(child).await,
        Err(error) => Err(error),
    };
    drop(redis);
    postgres.stop().await;
    std::fs::remove_dir_all(&dir)?;
    Ok(exit_code(status?))
}

async fn start(dir: &Path) -> Result<PrivatePostgres> {
    let data_dir = Arc::new(DataDir::hold(&dir.join("data"), Holder::Command).await?);
    let options = Options { elsewhere: dir.join("elsewhere"), ..Options::throwaway() };
    Ok(PrivatePostgres::start(data_dir, &options).await?)
}

/// Waits for the command. An interrupt at the terminal reaches it too, and it decides; a request to terminate is
/// passed on as a kill, because nothing else would.
async fn wait(mut child: Child) -> Result<ExitStatus> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            _ = interrupted.recv() => {}
            _ = terminated.recv() => child.start_kill()?,
        }
    }
}

/// The command's own code, or 128 and the signal that ended it, as shells say it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Runs that were killed leave a server behind: it is stopped and its folder removed.
async fn remove_leftovers() {
    for dir in leftovers() {
        if let Ok(postgres) = start(&dir).await {
            postgres.stop().await;
        }
        match std::fs::remove_dir_all(&dir) {
            Ok(()) => eprintln!("with-servers: removed {}, left by a run that was killed", dir.display()),
            Err(error) => eprintln!("with-servers: {} cannot be removed: {error}", dir.display()),
        }
    }
}

fn leftovers() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
            pid.is_some_and(|pid| Path::new("/proc").is_dir() && !Path::new(&format!("/proc/{pid}")).exists())
        })
        .map(|entry| entry.path())
        .collect()
}
