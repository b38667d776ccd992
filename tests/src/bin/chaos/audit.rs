//! Afterwards: whether the promises were kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tests::harness::{
    AutoAgent, Seen, TestHub,
    stored::{Stored, stored},
};
use tokio::time::Instant;

use crate::{
    load::{Accepted, is_question},
    provider::Taken,
};

/// How long until agents have heard of what is stored.
const HEARD: Duration = Duration::from_mins(1);
/// Of each kind, so many examples are shown.
const SHOWN: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Webhooks that were answered with 200.
    pub accepted: usize,
    /// Messages of customers in the store.
    pub messages: usize,
    pub lost: usize,
    pub doubled: usize,
    /// Customers whose messages are not in the order in which they were accepted.
    pub disordered: usize,
    pub answers: usize,
    /// Answers that the provider took.
    pub sent: usize,
    pub sent_twice: usize,
    pub unknown: usize,
    pub logs_equal: bool,
    /// From the return until something new was shown at both hubs.
    pub heard: Duration,
    /// From the return until a message that was written then was shown at both.
    pub back: Duration,
    /// Promises that were broken.
    pub broken: Vec<String>,
}

impl Report {
    fn check(&mut self, what: &str, wrong: &[String]) {
        if !wrong.is_empty() {
            let examples = wrong[..wrong.len().min(SHOWN)].join("; ");
            self.broken.push(format!("{} {what}: {examples}", wrong.len()));
        }
    }
}

/// Looks at all of it.
pub async fn look(
    report: &mut Report,
    hub: &TestHub,
    accepted: &Accepted,
    agents: &[AutoAgent],
    taken: &Taken,
    provider_forgets: bool,
) {
    let all = stored(hub).await;
    inbound(report, &all, accepted);
    answers(report, &all, agents);
    provider(report, &all, taken, provider_forgets);
    let resent: Vec<String> = sqlx::query_scalar(
        "SELECT message_id::text FROM attempts
         WHERE outcome IS NULL OR outcome IN ('accepted', 'unknown', 'lost', 'late_accepted', 'late_unknown')
         GROUP BY message_id HAVING count(*) > 1",
    )
    .fetch_all(&mut hub.db().await)
    .await
    .unwrap();
    report.check("answers sent again although they may have been taken", &resent);
    let parked: Vec<String> = sqlx::query_scalar(
        "SELECT box || ': ' || coalesce(reason, '') FROM mailbox_items WHERE parked_at IS NOT NULL
         UNION ALL SELECT topic || ': ' || coalesce(reason, '') FROM jobs WHERE parked_at IS NOT NULL
         UNION ALL SELECT 'journal: ' || coalesce(reason, '') FROM webhook_journal WHERE state = 'parked'",
    )
    .fetch_all(&mut hub.db().await)
    .await
    .unwrap();
    report.check("things given up", &parked);
    let began = Instant::now();
    let mut differ = logs(&all, agents);
    while !differ.is_empty() && began.elapsed() < HEARD {
        tokio::time::sleep(Duration::from_millis(200)).await;
        differ = logs(&all, agents);
    }
    report.logs_equal = differ.is_empty();
    report.check("threads not as they are stored", &differ);
}

fn inbound(report: &mut Report, all: &[Stored], accepted: &Accepted) {
    let mut there = Accepted::new();
    for message in all.iter().filter(|message| message.sender == "contact") {
        there.entry(message.customer.clone()).or_default().push(message.text.clone());
    }
    report.accepted = accepted.values().map(Vec::len).sum();
    report.messages = there.values().map(Vec::len).sum();
    let (mut lost, mut doubled, mut disordered) = (Vec::new(), Vec::new(), Vec::new());
    let nothing = Vec::new();
    for customer in accepted.keys().chain(there.keys()).collect::<BTreeSet<_>>() {
        let wrote = accepted.get(customer).unwrap_or(&nothing);
        let kept = there.get(customer).unwrap_or(&nothing);
        if wrote == kept {
            continue;
        }
        let (written, once): (BTreeSet<_>, BTreeSet<_>) = (wrote.iter().collect(), kept.iter().collect());
        lost.extend(written.difference(&once).map(|text| format!("{customer} {text}")));
        let strange = once.difference(&written).count();
        if kept.len() > once.len() || strange > 0 {
            let more = kept.len() - once.len();
            doubled.extend((0..more + strange).map(|_| customer.clone()));
        }
        let mut first = BTreeSet::new();
        let in_order: Vec<_> = kept.iter().filter(|text| first.insert(*text)).collect();
        if in_order != wrote.iter().filter(|text| once.contains(text)).collect::<Vec<_>>() {
            disordered.push(customer.clone());
        }
    }
    (report.lost, report.doubled, report.disordered) = (lost.len(), doubled.len(), disordered.len());
    report.check("messages lost", &lost);
    report.check("messages doubled, or never accepted", &doubled);
    report.check("customers whose messages are not in order", &disordered);
    let mut numbers = BTreeSet::new();
    let again = all.iter().filter(|message| !numbers.insert((&message.conversation, message.seq)));
    report
        .check("numbers twice in a thread", &again.map(|message| format!("{message:?}")).collect::<Vec<_>>());
}

/// Each question has one answer, and what was acknowledged to an agent is there.
fn answers(report: &mut Report, all: &[Stored], agents: &[AutoAgent]) {
    let mut owed: BTreeMap<(&str, String), i64> = BTreeMap::new();
    for message in all {
        match message.sender.as_str() {
            "contact" if is_question(&message.text) => {
                *owed.entry((message.conversation.as_str(), format!("re: {}", message.text))).or_default() +=
                    1;
            }
            "agent" => {
                report.answers += 1;
                *owed.entry((message.conversation.as_str(), message.text.clone())).or_default() -= 1;
            }
            _ => {}
        }
    }
    let wrong: Vec<String> = owed
        .iter()
        .filter(|(_, left)| **left != 0)
        .map(|((_, text), left)| format!("{text} ({left})"))
        .collect();
    report.check("questions not answered exactly once", &wrong);
    let kept: BTreeSet<(&str, i64, &str, &str)> = all
        .iter()
        .map(|message| {
            (message.id.as_str(), message.seq, message.conversation.as_str(), message.text.as_str())
        })
        .collect();
    let gone: Vec<String> = agents
        .iter()
        .flat_map(AutoAgent::acknowledged)
        .filter(|it| {
            !kept.contains(&(it.message_id.as_str(), it.seq, it.conversation_id.as_str(), it.text.as_str()))
        })
        .map(|it| format!("{it:?}"))
        .collect();
    report.check("acknowledged and not there", &gone);
}

fn provider(report: &mut Report, all: &[Stored], taken: &Taken, forgets: bool) {
    let twice: Vec<String> =
        taken.values().filter(|times| times.len() > 1).map(|times| format!("{times:?}")).collect();
    let messages: BTreeSet<&str> = taken.keys().map(|(id, _)| id.as_str()).collect();
    (report.sent, report.sent_twice) = (messages.len(), twice.len());
    report.check("answers that the provider took twice", &twice);
    let (mut untrue, mut failed) = (Vec::new(), Vec::new());
    for message in all.iter().filter(|message| message.sender != "contact") {
        match message.status.as_str() {
            "sent" | "delivered" | "read" => {
                if !forgets && !messages.contains(message.id.as_str()) {
                    untrue.push(format!("{message:?}"));
                }
            }
            "unknown" => report.unknown += 1,
            _ => failed.push(format!("{message:?}")),
        }
    }
    report.check("answers called sent that the provider never took", &untrue);
    report.check("answers that were not sent", &failed);
}

fn logs(all: &[Stored], agents: &[AutoAgent]) -> Vec<String> {
    let mut threads: BTreeMap<&str, BTreeMap<i64, Seen>> = BTreeMap::new();
    for message in all {
        let seen =
            Seen { id: message.id.clone(), sender: message.sender.clone(), text: message.text.clone() };
        threads.entry(&message.conversation).or_default().insert(message.seq, seen);
    }
    let (mut differ, mut read) = (Vec::new(), BTreeSet::new());
    for agent in agents {
        for (conversation, seen) in agent.threads() {
            let there = threads.get(conversation.as_str()).cloned().unwrap_or_default();
            if seen != there {
                let missing = there.keys().filter(|seq| !seen.contains_key(seq)).count();
                differ.push(format!("{conversation}: {} of {} missing", missing, there.len()));
            }
            read.insert(conversation);
        }
    }
    differ
        .extend(threads.keys().filter(|id| !read.contains(**id)).map(|id| format!("{id}: nobody reads it")));
    differ
}
