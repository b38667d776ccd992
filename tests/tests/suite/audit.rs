//! Afterwards: what the store has, what agents saw, what they were promised and what the provider got must be one story.

use std::collections::{BTreeMap, BTreeSet};

pub use tests::harness::stored::{Stored, stored};
use tests::{
    fakes::Journal,
    harness::{AutoAgent, Seen},
};

/// Texts that were accepted of each customer, in the order in which they were sent.
pub type Sent = BTreeMap<String, Vec<String>>;

/// What customers wrote is stored once each, in their order.
pub fn nothing_lost_or_doubled(stored: &[Stored], sent: &Sent) {
    let mut inbound: Sent = BTreeMap::new();
    for message in stored.iter().filter(|message| message.sender == "contact") {
        inbound.entry(message.customer.clone()).or_default().push(message.text.clone());
    }
    for (customer, texts) in sent {
        assert_eq!(inbound.get(customer), Some(texts), "customer {customer}: stored, and sent");
    }
    assert_eq!(inbound.len(), sent.len(), "customers that nobody is");
    let mut numbers = BTreeSet::new();
    for message in stored {
        assert!(numbers.insert((&message.conversation, message.seq)), "a number twice: {message:?}");
    }
}

/// Agents saw their threads whole, and everything that was acknowledged is stored as it was.
pub fn agents_agree(stored: &[Stored], agents: &[AutoAgent]) {
    let mut threads: BTreeMap<&str, BTreeMap<i64, Seen>> = BTreeMap::new();
    for message in stored {
        let seen =
            Seen { id: message.id.clone(), sender: message.sender.clone(), text: message.text.clone() };
        threads.entry(&message.conversation).or_default().insert(message.seq, seen);
    }
    for agent in agents {
        for (conversation, seen) in agent.threads() {
            let there = &threads[conversation.as_str()];
            let missing: Vec<_> = there.iter().filter(|(seq, _)| !seen.contains_key(seq)).collect();
            assert!(missing.is_empty(), "{} never saw {missing:#?} of {conversation}", agent.id());
            assert_eq!(&seen, there, "{} saw {conversation} differently", agent.id());
        }
        for promise in agent.acknowledged() {
            let kept = stored.iter().any(|message| {
                message.id == promise.message_id
                    && message.seq == promise.seq
                    && message.conversation == promise.conversation_id
                    && message.text == promise.text
            });
            assert!(kept, "acknowledged and not there: {promise:?}");
        }
    }
}

/// Every customer message was answered exactly once by an agent.
pub fn each_answered_once(stored: &[Stored]) {
    let of = |sender: &'static str| stored.iter().filter(move |message| message.sender == sender);
    let mut asked: Vec<_> =
        of("contact").map(|message| (&message.conversation, format!("re: {}", message.text))).collect();
    let mut answered: Vec<_> =
        of("agent").map(|message| (&message.conversation, message.text.clone())).collect();
    asked.sort();
    answered.sort();
    assert_eq!(answered, asked, "answers, and questions");
}

/// The provider got every reply at most once and in order; exactly once, unless its outcome is unknown. Of those at
/// most `may_be_unknown` may be.
pub fn provider_agrees(stored: &[Stored], journal: &Journal, may_be_unknown: usize) {
    let got = journal.by_recipient();
    for (customer, texts) in &got {
        let once: BTreeSet<_> = texts.iter().collect();
        assert_eq!(once.len(), texts.len(), "customer {customer} got something twice: {texts:#?}");
    }
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unknown = 0;
    for message in stored.iter().filter(|message| message.sender != "contact") {
        let arrived = got.get(&message.customer).is_some_and(|texts| texts.contains(&message.text));
        match message.status.as_str() {
            "sent" | "delivered" => assert!(arrived, "called sent and never taken: {message:?}"),
            "unknown" => unknown += 1,
            other => panic!("{other} at the end: {message:?}"),
        }
        if arrived {
            expected.entry(message.customer.clone()).or_default().push(message.text.clone());
        }
    }
    assert_eq!(got, expected, "what the provider took, and what is stored, in order");
    println!("unknown outcomes: {unknown}, at most {may_be_unknown} may be");
    assert!(unknown <= may_be_unknown, "{unknown} unknown, but only {may_be_unknown} calls can be");
}
