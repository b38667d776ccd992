//! What Linux says of processes: memory, processor time, and on which cores they may run.

use std::process::Command;

/// Proportional set size of a process and, with `children`, of those it started; MB.
pub fn memory(pid: u32, children: bool) -> f64 {
    let mut kb = 0u64;
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(this) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{this}/stat")) else { continue };
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        if this == pid || children && parent == Some(pid) {
            let rollup = std::fs::read_to_string(format!("/proc/{this}/smaps_rollup")).unwrap_or_default();
            let line = rollup.lines().find(|line| line.starts_with("Pss:")).unwrap_or_default();
            kb += line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    kb as f64 / 1024.0
}

/// A process and those that it started.
pub fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(this) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if stat(this).and_then(|fields| fields.get(1)?.parse::<u32>().ok()) == Some(pid) {
            all.push(this);
        }
    }
    all
}

/// The fields of proc(5) behind the name, the state first.
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// Resident memory that is no file's, in KiB.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0.0)
}

/// User and system time of these so far, in microseconds; of what they started and has ended, too.
pub fn processor(pids: &[u32]) -> f64 {
    let ticks = |pid: &u32| -> u64 {
        // utime, stime, and both of children that were waited for, in hundredths of a second
        let fields = stat(*pid).unwrap_or_default();
        fields.iter().skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
    };
    pids.iter().map(ticks).sum::<u64>() as f64 * 10_000.0
}

/// Where a process, with all its threads, may run: `0` or `0,1`.
pub fn pin(pid: u32, cores: &str) {
    let output = Command::new("taskset").args(["-apc", cores, &pid.to_string()]).output();
    let output = output.expect("taskset of util-linux is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
