//! The private PostgreSQL against real servers: made, stopped, adopted, restarted, refused.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use hub::boot::{
    lock::{DataDir, DataDirError, Holder},
    postgres::{Attached, Options, PostgresError, PostgresState, PrivatePostgres, attach_or_start},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

/// A folder that the server's user may reach when the tests run as root.
fn reachable() -> TempDir {
    let dir = tempfile::Builder::new().prefix("turumba-boot-").tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    dir
}

fn options(dir: &TempDir) -> Options {
    Options { elsewhere: dir.path().join("elsewhere"), ..Options::default() }
}

async fn start(data: &Path, options: &Options) -> PrivatePostgres {
    let held = DataDir::hold(data, Holder::Hub).await.unwrap();
    PrivatePostgres::start(Arc::new(held), options).await.unwrap()
}

async fn connect(options: PgConnectOptions) -> PgConnection {
    options.connect().await.unwrap()
}

async fn write_row(options: PgConnectOptions, n: i32) {
    let mut connection = connect(options).await;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS kept (n int)").execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO kept VALUES ($1)").bind(n).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn rows(options: PgConnectOptions) -> Vec<i32> {
    let mut connection = connect(options).await;
    let rows = sqlx::query_scalar("SELECT n FROM kept ORDER BY n").fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows
}

async fn show(options: PgConnectOptions, setting: &str) -> String {
    let mut connection = connect(options).await;
    let value = sqlx::query_scalar("SELECT current_setting($1)")
        .bind(setting)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    value
}

fn pid_of(postgres: &PrivatePostgres) -> u32 {
    match *postgres.state().borrow() {
        PostgresState::Ready { pid } => pid,
        other => panic!("not ready: {other:?}"),
    }
}

fn kill_9(pid: u32) {
    kill(Pid::from_raw(pid as i32), Signal::SIGKILL).unwrap();
}

/// Proportional set size of a server's processes, MB; where `/proc` has it.
fn memory_mb(postmaster: u32) -> Option<u64> {
    let mut kb = 0;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        if pid == postmaster || parent == Some(postmaster) {
            let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
            kb += line.split_whitespace().nth(1)?.parse::<u64>().ok()?;
        }
    }
    Some(kb / 1024)
}

#[tokio::test]
async fn made_once_stopped_and_started_warm_with_its_data() {
    let dir = reachable();
    let data = dir.path().join("data");
    let cold = start(&data, &options(&dir)).await;
    assert!(!cold.adopted());
    println!("cold start: {} ms", cold.started_in().as_millis());
    write_row(cold.connect_options(), 1).await;
    assert_eq!(show(cold.connect_options(), "fsync").await, "on");
    assert_eq!(show(cold.connect_options(), "data_checksums").await, "on");
    assert_eq!(show(cold.connect_options(), "server_encoding").await, "UTF8");
    assert_eq!(show(cold.connect_options(), "listen_addresses").await, "");
    let by_url: PgConnectOptions = cold.url().parse().unwrap();
    assert_eq!(rows(by_url).await, [1]);
    if let Some(mb) = memory_mb(pid_of(&cold)) {
        println!("memory: {mb} MB");
        assert!(mb < 120, "{mb} MB");
    }
    let state = cold.state();
    cold.stop().await;
    assert_eq!(*state.borrow(), PostgresState::Stopped);

    let warm = start(&data, &options(&dir)).await;
    println!("warm start: {} ms", warm.started_in().as_millis());
    assert!(!warm.adopted());
    assert!(warm.started_in() < Duration::from_secs(2));
    assert_eq!(rows(warm.connect_options()).await, [1]);
    warm.stop().await;
}

#[tokio::test]
async fn a_copy_in_one_file_holds_every_row() {
    let folder = reachable();
    let options = options(&folder);
    let postgres = start(&folder.path().join("data"), &options).await;
    write_row(postgres.connect_options(), 7).await;
    let file = folder.path().join("copy.dump");
    hub::boot::postgres::dump(&postgres.connect_options(), &options, &file).await.unwrap();
    let copy = std::fs::read(&file).unwrap();
    assert!(copy.starts_with(b"PGDMP"), "the custom format of pg_dump");
    assert!(!folder.path().join("copy.partial").exists());
    // a copy that cannot be written says so, and nothing half-made stands in its place
    let nowhere = folder.path().join("missing").join("copy.dump");
    let error = hub::boot::postgres::dump(&postgres.connect_options(), &options, &nowhere).await.unwrap_err();
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert!(!nowhere.exists());
    postgres.stop().await;
}

#[tokio::test]
async fn a_killed_server_is_started_again_and_keeps_what_was_committed() {
    let dir = reachable();
    let postgres = start(&dir.path().join("data"), &options(&dir)).await;
    for n in 1..=3 {
        write_row(postgres.connect_options(), n).await;
        // one works on when its parent is gone
        let mut busy = connect(postgres.connect_options()).await;
        let busy = tokio::spawn(async move {
            let _cut =
                sqlx::raw_sql("SELECT count(*) FROM generate_series(1, 2000000000)").execute(&mut busy).await;
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = pid_of(&postgres);
        let killed = Instant::now();
        kill_9(before);
        let mut state = postgres.state();
        state
            .wait_for(|state| matches!(state, PostgresState::Ready { pid } if *pid != before))
            .await
            .unwrap();
        println!("back after {} ms", killed.elapsed().as_millis());
        assert_eq!(rows(postgres.connect_options()).await, (1..=n).collect::<Vec<_>>());
        busy.await.unwrap();
    }
    postgres.stop().await;
}

/// Not a test: the process that the next one starts and kills.
#[tokio::test]
#[ignore = "run by the tests below, in a process of its own"]
async fn helper_hub() {
    let data = PathBuf::from(std::env::var_os("BOOT_TEST_DATA").unwrap());
    let elsewhere = PathBuf::from(std::env::var_os("BOOT_TEST_ELSEWHERE").unwrap());
    let postgres = start(&data, &Options { elsewhere, ..Options::default() }).await;
    write_row(postgres.connect_options(), 7).await;
    println!("\nready {}", pid_of(&postgres));
    tokio::time::sleep(Duration::from_mins(1)).await;
}

struct HelperHub(std::process::Child);

impl HelperHub {
    /// Returns once its database is up, with the server's process id.
    fn run(data: &Path, options: &Options) -> (Self, u32) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "helper_hub", "--ignored", "--nocapture"])
            .env("BOOT_TEST_DATA", data)
            .env("BOOT_TEST_ELSEWHERE", &options.elsewhere)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let pid = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ").map(|pid| pid.parse().unwrap()))
            .unwrap();
        (Self(child), pid)
    }

    fn kill_9(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_server_that_outlived_a_killed_hub_is_adopted_watched_and_stopped() {
    let dir = reachable();
    let data = dir.path().join("data");
    let options = options(&dir);
    let (hub, server) = HelperHub::run(&data, &options);
    hub.kill_9();

    let adopted = start(&data, &options).await;
    println!("adopted in {} ms", adopted.started_in().as_millis());
    assert!(adopted.adopted());
    assert_eq!(pid_of(&adopted), server);
    assert_eq!(rows(adopted.connect_options()).await, [7]);

    kill_9(server);
    let mut state = adopted.state();
    state.wait_for(|state| matches!(state, PostgresState::Ready { pid } if *pid != server)).await.unwrap();
    assert_eq!(rows(adopted.connect_options()).await, [7]);
    let last = pid_of(&adopted);
    adopted.stop().await;
    assert!(!Path::new(&format!("/proc/{last}")).exists());
}

#[tokio::test]
async fn hub_and_server_killed_together_lose_nothing() {
    let dir = reachable();
    let data = dir.path().join("data");
    let options = options(&dir);
    let (hub, server) = HelperHub::run(&data, &options);
    kill_9(server);
    hub.kill_9();
    let again = start(&data, &options).await;
    println!("after both were killed: {} ms", again.started_in().as_millis());
    assert_eq!(rows(again.connect_options()).await, [7]);
    again.stop().await;
}

#[tokio::test]
async fn a_second_hub_is_refused_and_commands_share_the_database() {
    let dir = reachable();
    let data = dir.path().join("data");
    let options = options(&dir);
    let (hub, _server) = HelperHub::run(&data, &options);

    let refused = DataDir::hold(&data, Holder::Hub).await.unwrap_err();
    assert!(matches!(refused, DataDirError::InUse { .. }), "{refused}");
    let attached = attach_or_start(&data, &options).await.unwrap();
    assert!(matches!(attached, Attached::Running { .. }));
    assert_eq!(rows(attached.connect_options()).await, [7]);
    attached.release().await;
    hub.kill_9();

    // no hub: the command adopts what was left, and stops it
    let first = attach_or_start(&data, &options).await.unwrap();
    assert!(matches!(first, Attached::Started(_)));
    let second = attach_or_start(&data, &options).await.unwrap();
    assert!(matches!(second, Attached::Running { .. }));
    let first = tokio::spawn(first.release());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!first.is_finished(), "the database was stopped under a command that uses it");
    assert_eq!(rows(second.connect_options()).await, [7]);
    second.release().await;
    first.await.unwrap();
    let third = attach_or_start(&data, &options).await.unwrap();
    assert!(matches!(third, Attached::Started(_)));
    assert_eq!(rows(third.connect_options()).await, [7]);
    third.release().await;
}

#[tokio::test]
async fn a_cluster_of_another_major_is_never_shadowed() {
    let dir = reachable();
    let data = dir.path().join("data");
    start(&data, &options(&dir)).await.stop().await;
    let home = data.join("postgres");
    let major = std::fs::read_dir(&home)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .find(|name| name.parse::<u32>().is_ok())
        .unwrap();
    std::fs::rename(home.join(&major), home.join("9")).unwrap();

    let held = Arc::new(DataDir::hold(&data, Holder::Hub).await.unwrap());
    let refused = PrivatePostgres::start(Arc::clone(&held), &options(&dir)).await.unwrap_err();
    assert!(matches!(refused, PostgresError::ClusterOfAnotherMajor { major: 9, .. }), "{refused}");
    assert!(refused.to_string().contains("PostgreSQL 9"), "{refused}");
    assert!(!home.join(&major).exists());
}

#[tokio::test]
async fn a_cut_making_leaves_nothing_that_looks_like_a_cluster() {
    let dir = reachable();
    let data = dir.path().join("data");
    let postgres = start(&data, &options(&dir)).await;
    postgres.stop().await;
    let other = dir.path().join("other");
    std::fs::create_dir_all(other.join("postgres/making-1/base")).unwrap();
    if geteuid().is_root() {
        let there = std::fs::metadata(data.join("postgres")).unwrap();
        std::os::unix::fs::chown(other.join("postgres"), Some(there.uid()), Some(there.gid())).unwrap();
    }
    let postgres = start(&other, &options(&dir)).await;
    assert!(!other.join("postgres/making-1").exists());
    postgres.stop().await;
}

#[tokio::test]
async fn long_paths_and_unreachable_folders_work() {
    let dir = reachable();
    let mut data = dir.path().to_owned();
    for _ in 0..6 {
        data.push("a-folder-whose-name-is-rather-long");
    }
    let postgres = start(&data, &options(&dir)).await;
    write_row(postgres.connect_options(), 1).await;
    postgres.stop().await;

    let closed = tempfile::tempdir().unwrap();
    std::fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
    let data = closed.path().join("data");
    let postgres = start(&data, &options(&dir)).await;
    write_row(postgres.connect_options(), 2).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
    if geteuid().is_root() {
        let home = PathBuf::from(std::fs::read_to_string(data.join("postgres-home")).unwrap().trim());
        assert!(home.starts_with(dir.path().join("elsewhere")), "{home:?}");
        assert_ne!(std::fs::metadata(&home).unwrap().uid(), 0);
        assert_eq!(mode(&home), 0o700);
    } else {
        assert_eq!(mode(&data.join("postgres")), 0o700);
    }
    postgres.stop().await;
    let postgres = start(&data, &options(&dir)).await;
    assert_eq!(rows(postgres.connect_options()).await, [2]);
    postgres.stop().await;
}
