//! When a failed send is tried again.

use std::time::Duration;

/// Seconds before the second, third … attempt; the last stands for all later ones.
const STEPS: [u64; 5] = [2, 4, 8, 16, 30];

/// How long to wait after the `failed`th failure (from 1). `interval` is the channel's own, in seconds.
/// `luck` from 0 to 1 spreads the later steps, so that what failed together does not return together.
pub(crate) fn pause(failed: u32, interval: Option<u32>, luck: f64) -> Duration {
    if let Some(seconds) = interval {
        return Duration::from_secs(u64::from(seconds));
    }
    let step = STEPS.get(failed.saturating_sub(1) as usize);
    match step {
        Some(seconds) => Duration::from_secs(*seconds),
        // 24 to 36 seconds
        None => Duration::from_secs_f64(30.0 * (0.8 + 0.4 * luck.clamp(0.0, 1.0))),
    }
}

/// Whether the channel's explicit count of retries is used up.
pub(crate) fn is_used_up(failed: u32, retries: Option<u32>) -> bool {
    retries.is_some_and(|retries| failed > retries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_climbs_and_then_stays_near_thirty_seconds() {
        let seconds: Vec<u64> = (1..=5).map(|failed| pause(failed, None, 0.5).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 30]);
        for luck in [0.0, 0.5, 1.0, 7.0] {
            let pause = pause(40, None, luck);
            assert!(pause >= Duration::from_secs(24) && pause <= Duration::from_secs(36));
        }
    }

    #[test]
    fn a_channels_own_interval_and_count_win() {
        assert_eq!(pause(1, Some(7), 0.1), Duration::from_secs(7));
        assert_eq!(pause(9, Some(7), 0.9), Duration::from_secs(7));
        assert!(!is_used_up(3, Some(3)) && is_used_up(4, Some(3)));
        assert!(is_used_up(1, Some(0)));
        assert!(!is_used_up(1000, None));
    }
}
