//! A short run of `make chaos`, so that it keeps working: two hubs, few messages, two faults.

use tokio::process::Command;

#[tokio::test]
async fn a_frozen_hub_and_a_clock_that_jumps_break_no_promise() {
    let run = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["clock", "freeze-hub"])
        .envs([("CHAOS_RATE", "20"), ("CHAOS_HOLD", "3")])
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let (said, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{errors}");
    println!("{said}");
    let rows: Vec<&str> =
        said.lines().filter(|line| line.starts_with("| clock") || line.starts_with("| freeze-hub")).collect();
    assert_eq!(rows.len(), 2, "{said}");
    for row in rows {
        let accepted: usize = row.split('|').nth(2).unwrap().trim().parse().unwrap();
        assert!(accepted > 100, "so few were written: {row}");
    }
}
