//! The report: one row for each fault.

use crate::{audit::Report, fault::Fault};

pub const HEAD: &str = "\
| fault | accepted | messages | lost | doubled | out of order | answers | taken by the provider | twice | unknown | logs equal | heard after | back after |
|---|---|---|---|---|---|---|---|---|---|---|---|---|";

pub fn row(fault: Fault, report: &Report) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} s | {:.1} s |",
        fault.name(),
        report.accepted,
        report.messages,
        report.lost,
        report.doubled,
        report.disordered,
        report.answers,
        report.sent,
        report.sent_twice,
        report.unknown,
        if report.logs_equal { "yes" } else { "no" },
        report.heard.as_secs_f64(),
        report.back.as_secs_f64(),
    )
}
