//! The sockets beside `socket.io` in Node and beside bare WebSockets: the server on the first core, everybody else on
//! the second, PostgreSQL wherever it likes. Events are the same bytes for all servers; all of them must arrive.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    clients::{Crowd, Door},
    machine::{pin, processor, resident},
    office::{OFFICES, Office},
    peers::Peer,
};

const IDLE: usize = 5000;
const READERS: usize = 1000;
const RESUMING: usize = 2000;
/// From one change of the feed to the next.
const EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

/// All values of each figure, by its name and the server's.
#[derive(Default)]
struct Figures(BTreeMap<(&'static str, &'static str), Vec<f64>>);

impl Figures {
    fn note(&mut self, figure: &'static str, server: &'static str, value: f64) {
        self.0.entry((figure, server)).or_default().push(value);
    }

    fn median(&self, figure: &'static str, server: &'static str) -> Option<f64> {
        let mut all = self.0.get(&(figure, server))?.clone();
        all.sort_by(f64::total_cmp);
        Some(all[all.len() / 2])
    }

    /// The medians, and what each is of Node's.
    fn print(&self) {
        let mut figures: Vec<&str> = self.0.keys().map(|(figure, _)| *figure).collect();
        figures.dedup();
        println!(
            "\n{:<58} {:>9} {:>9} {:>9} {:>9} {:>7}",
            "median", "hub", "engine", "bare", "node", "of node"
        );
        for figure in figures {
            let of = |server| {
                self.0.keys().find(|it| **it == (figure, server)).and_then(|it| self.median(it.0, server))
            };
            let shown = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
            let ratio = of("hub")
                .zip(of("node"))
                .map_or(String::new(), |(hub, node)| format!("{:.0} %", 100.0 * hub / node));
            let [hub, engine, bare, node] = ["hub", "engine", "bare", "node"].map(|server| shown(of(server)));
            println!("{figure:<58} {hub:>9} {engine:>9} {bare:>9} {node:>9} {ratio:>7}");
        }
        println!("\neach value:");
        for ((figure, server), values) in &self.0 {
            let values: Vec<String> = values.iter().map(|value| format!("{value:.2}")).collect();
            println!("{figure}, {server}: {}", values.join(" "));
        }
    }
}

fn runs() -> usize {
    std::env::var("BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// Takes the figures that are named, or all.
pub async fn run(which: &[&str]) {
    pin(std::process::id(), "1");
    let asked = |name| which.is_empty() || which.contains(&name);
    let mut office = Office::open().await;
    let mut figures = Figures::default();
    for _ in 0..runs() {
        if asked("a") {
            idle(&mut office, &mut figures).await;
        }
        if asked("b") {
            one_feed(&mut office, &mut figures).await;
        }
        if asked("c") {
            many_feeds(&office, &mut figures).await;
        }
        if asked("d") {
            commands(&office, &mut figures).await;
        }
        if asked("e") {
            resume(&mut office, &mut figures).await;
        }
    }
    office.close().await;
    figures.print();
}

fn percentiles(ages: &mut [f64]) -> (f64, f64) {
    ages.sort_by(f64::total_cmp);
    let at = |share: f64| ages.get((ages.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    (at(0.5), at(0.99))
}

fn everybody() -> Vec<String> {
    vec!["all".to_owned()]
}

/// (a) What an idle connection holds and costs: all servers at the same time, each started anew.
async fn idle(office: &mut Office, figures: &mut Figures) {
    office.restart().await;
    let peers: Vec<Peer> = [Some(Peer::node()), Some(Peer::bare())].into_iter().flatten().collect();
    let mut servers = vec![("hub", office.hub.pid(), office.agents(None))];
    servers.extend(peers.iter().map(|peer| (peer.name, peer.pid(), peer.door(&everybody()))));
    let mut crowds: Vec<Crowd> = Vec::new();
    let mut before = Vec::new();
    for (_, pid, door) in &servers {
        // what is needed once is there before
        drop(door.crowd(50).await);
        tokio::time::sleep(Duration::from_secs(1)).await;
        before.push((resident(*pid), processor(&[*pid])));
        crowds.push(door.crowd(IDLE).await);
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    for ((name, pid, _), (memory, time)) in servers.iter().zip(before) {
        let per = |value: f64| value / IDLE as f64;
        figures.note("a: KiB for each of 5,000 idle connections", name, per(resident(*pid) - memory));
        figures.note("a: µs to connect each and keep it for a minute", name, per(processor(&[*pid]) - time));
    }
    for crowd in &crowds {
        assert_eq!(crowd.hear(0, Duration::ZERO).await, 0);
    }
}

/// (b) An account of a thousand agents: what a delivery costs, and how old it is when it arrives.
async fn one_feed(office: &mut Office, figures: &mut Figures) {
    const CHANGES: usize = 250;
    let (hub, postgres) = (office.hub.pid(), office.postgres());
    // what the changes alone cost, with nobody listening
    let alone = changes(office, CHANGES).await;
    let crowd = office.agents(None).crowd(READERS).await;
    settle().await;
    let (head, before, store) = (office.head().await, processor(&[hub]), processor(&postgres));
    let _spent = changes(office, CHANGES).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let events = (office.head().await - head) as u64;
    let deliveries = events * READERS as u64;
    let missing = crowd.hear(deliveries, PATIENCE).await;
    assert_eq!(missing, 0, "of {deliveries} deliveries");
    let (whole, store) = (processor(&[hub]) - before, processor(&postgres) - store);
    let per = |value: f64| value / deliveries as f64;
    figures.note("b: µs a delivery, 1,000 readers, with the commands", "hub", per(whole));
    figures.note("b: µs a delivery, 1,000 readers", "hub", per(whole - alone));
    figures.note("b: µs a delivery, of the hub's PostgreSQL", "hub", per(store));
    ages(&crowd, figures, "hub", ("b: p50 ms", "b: p99 ms"));
    let (payload, meta) = crowd.sample();
    drop(crowd);
    let every = EVERY * CHANGES as u32 / events as u32;
    for peer in [Some(Peer::node()), Some(Peer::bare()), Peer::engine()].into_iter().flatten() {
        let room = everybody();
        let crowd = peer.door(&room).crowd(READERS).await;
        settle().await;
        let spent = ordered(&peer, &room, &crowd, (events, every, READERS), (&payload, &meta)).await;
        figures.note("b: µs a delivery, 1,000 readers", peer.name, spent);
        if peer.name == "node" {
            figures.note("b: µs a delivery, 1,000 readers, with the commands", peer.name, spent);
        }
        ages(&crowd, figures, peer.name, ("b: p50 ms", "b: p99 ms"));
    }
}

/// (c) A thousand accounts of ten agents.
async fn many_feeds(office: &Office, figures: &mut Figures) {
    const ROUNDS: u64 = 5;
    const EACH: usize = 10;
    let hub = office.hub.pid();
    let door = office.offices().await;
    let crowd = door.crowd(OFFICES * EACH).await;
    settle().await;
    let before = processor(&[hub]);
    let mut db = office.hub.db().await;
    for _ in 0..ROUNDS {
        office.round(&mut db).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let deliveries = ROUNDS * (OFFICES * EACH) as u64;
    assert_eq!(crowd.hear(deliveries, PATIENCE).await, 0, "of {deliveries} deliveries");
    let spent = processor(&[hub]) - before;
    figures.note("c: µs a delivery, 1,000 accounts of ten", "hub", spent / deliveries as f64);
    let (payload, meta) = crowd.sample();
    drop(crowd);
    let rooms: Vec<String> = (0..OFFICES).map(|n| format!("office-{n}")).collect();
    for peer in [Peer::node(), Peer::bare()] {
        let crowd = peer.door(&rooms).crowd(OFFICES * EACH).await;
        settle().await;
        let pace = (ROUNDS, Duration::from_secs(1), OFFICES * EACH);
        let spent = ordered(&peer, &rooms, &crowd, pace, (&payload, &meta)).await;
        figures.note("c: µs a delivery, 1,000 accounts of ten", peer.name, spent);
    }
}

/// (d) A command and its answer, a thousand times a second.
async fn commands(office: &Office, figures: &mut Figures) {
    const TIME: Duration = Duration::from_secs(5);
    const RATE: usize = 1000;
    let peers = [Peer::node(), Peer::bare()];
    let mut servers: Vec<(&'static str, u32, Door)> = vec![("hub", office.hub.pid(), office.agents(None))];
    servers.extend(peers.iter().map(|peer| (peer.name, peer.pid(), peer.door(&everybody()))));
    for (name, pid, door) in servers {
        let before = processor(&[pid]);
        let (mut took, missing) = door.ask(RATE, TIME).await;
        assert_eq!(missing, 0, "answers of {name}");
        figures.note(
            "d: µs a command, 1,000 a second",
            name,
            (processor(&[pid]) - before) / took.len() as f64,
        );
        let (p50, p99) = percentiles(&mut took);
        figures.note("d: p50 ms to the answer", name, p50);
        figures.note("d: p99 ms to the answer", name, p99);
    }
}

/// (e) Two thousand clients that come back at once after a restart, each behind by the same events.
async fn resume(office: &mut Office, figures: &mut Figures) {
    let since = office.head().await;
    changes(office, 10).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let missed = (office.head().await - since) as u64;
    office.restart().await;
    let (before, began) = (office.transactions().await, Instant::now());
    let crowd = office.agents(Some(since)).storm(RESUMING).await;
    let served = began.elapsed().as_secs_f64();
    let asked = office.transactions().await - before;
    // they are served when they have what they missed
    assert_eq!(crowd.hear(missed * RESUMING as u64, Duration::ZERO).await, 0);
    drop(crowd);
    figures.note("e: s until 2,000 clients have resumed", "hub", served);
    figures.note("e: events that each had missed", "hub", missed as f64);
    figures.note("e: transactions of the store for each client", "hub", asked as f64 / RESUMING as f64);
}

async fn settle() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// Changes the feed so many times, on time; the hub's processor time meanwhile.
async fn changes(office: &mut Office, count: usize) -> f64 {
    let before = processor(&[office.hub.pid()]);
    let mut clock = tokio::time::interval(EVERY);
    for _ in 0..count {
        clock.tick().await;
        office.switch().await;
    }
    processor(&[office.hub.pid()]) - before
}

/// Has a peer tell each room of so many events; its processor time for a delivery.
async fn ordered(
    peer: &Peer,
    rooms: &[String],
    crowd: &Crowd,
    (count, every, readers): (u64, Duration, usize),
    (payload, meta): (&Value, &Value),
) -> f64 {
    let order = json!({
        "count": count, "every_ms": every.as_millis() as u64, "rooms": rooms, "payload": payload, "meta": meta,
    });
    let before = processor(&[peer.pid()]);
    let orderer = peer.door(&["nobody".to_owned()]).say(format!("42/agents,[\"go\",{order}]")).await;
    let deliveries = count * readers as u64;
    assert_eq!(
        crowd.hear(deliveries, every * count as u32 + PATIENCE).await,
        0,
        "of {deliveries} deliveries by {}",
        peer.name
    );
    let spent = processor(&[peer.pid()]) - before;
    drop(orderer);
    spent / deliveries as f64
}

fn ages(
    crowd: &Crowd,
    figures: &mut Figures,
    server: &'static str,
    (p50, p99): (&'static str, &'static str),
) {
    let (half, most) = percentiles(&mut crowd.heard.ages.lock());
    figures.note(p50, server, half);
    figures.note(p99, server, most);
}
