//! Sessions and pools against a message centre that behaves and misbehaves.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use smpp::{
    Address, Backoff, BindError, BindKind, Body, Closed, Connect, LinkState, Lost, Pool, PoolError,
    PoolOptions, Session, SessionOptions, ShortMessage, Status, Stream, SubmitError,
    fake::{FakeSmsc, Manner, Receipts},
};
use tokio::{net::TcpStream, time::Instant};

fn manner() -> Manner {
    Manner { password: "secret".into(), ..Manner::default() }
}

fn options() -> SessionOptions {
    SessionOptions { response_time: Duration::from_secs(5), ..SessionOptions::new("esme", "secret") }
}

fn message(text: &str) -> ShortMessage {
    ShortMessage {
        source: Address::automatic("BRAND"),
        destination: Address::automatic("+254700000001"),
        registered_delivery: 1,
        short_message: text.to_owned().into(),
        ..ShortMessage::default()
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn bind(smsc: &FakeSmsc, options: SessionOptions) -> (Session, smpp::Inbound) {
    let stream = TcpStream::connect(smsc.address()).await.unwrap();
    Session::bind(stream, options).await.unwrap()
}

fn connector(address: std::net::SocketAddr) -> Connect {
    Arc::new(move || {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await;
            let stream =
                stream.map_err(|error| Arc::new(error) as Arc<dyn std::error::Error + Send + Sync>)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    })
}

/// Pauses of milliseconds.
fn quick() -> Backoff {
    let short = Duration::from_millis(20);
    Backoff {
        first: short,
        longest: short * 4,
        refused_first: short,
        refused_longest: short,
        already_bound: short,
        steady: short,
    }
}

async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = soon();
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn binds_of_every_kind_and_refused_ones() {
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    for kind in [BindKind::Transmitter, BindKind::Receiver, BindKind::Transceiver] {
        let (session, _) = bind(&smsc, SessionOptions { kind, ..options() }).await;
        assert_eq!((smsc.bound(), session.peer()), (vec![kind], "fake"));
        let sent = session.submit(message("hi"), soon()).await;
        assert_eq!(sent.is_ok(), kind != BindKind::Receiver, "{sent:?}");
        session.unbind().await;
        assert_eq!(session.ended().await, Closed::Unbound);
        eventually("unbound", || smsc.bound().is_empty()).await;
    }
    assert_eq!(smsc.unbinds(), 3);
    let stream = TcpStream::connect(smsc.address()).await.unwrap();
    let refused = Session::bind(stream, SessionOptions::new("esme", "wrong")).await;
    assert!(matches!(refused, Err(BindError::Refused(Status::INVALID_PASSWORD))));
    assert!(!format!("{:?}", options()).contains("secret"));
}

#[tokio::test]
async fn the_window_is_kept_and_answers_come_in_any_order() {
    let smsc = FakeSmsc::start(Manner { delay: Duration::from_millis(15), ..manner() }).await.unwrap();
    let (session, _inbound) = bind(&smsc, SessionOptions { window: 7, ..options() }).await;
    let sends = (0..100).map(|n| {
        let session = session.clone();
        tokio::spawn(async move { session.submit(message(&format!("{n}")), soon()).await })
    });
    let mut ids = HashSet::new();
    for send in sends.collect::<Vec<_>>() {
        assert!(ids.insert(send.await.unwrap().unwrap().message_id));
    }
    assert_eq!((ids.len(), smsc.count(), smsc.most_unanswered()), (100, 100, 7));
}

#[tokio::test]
async fn sequence_numbers_begin_again() {
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    let (session, _inbound) = bind(&smsc, SessionOptions { first_sequence: 0x7FFF_FFFD, ..options() }).await;
    for n in 0..8 {
        session.submit(message(&format!("{n}")), soon()).await.unwrap();
    }
    assert_eq!(smsc.count(), 8);
}

#[tokio::test]
async fn refusals_keep_the_session_and_throttling_slows_it() {
    let smsc = FakeSmsc::start(Manner { throttle_every: 2, ..manner() }).await.unwrap();
    let (session, _inbound) = bind(&smsc, options()).await;
    session.submit(message("one"), soon()).await.unwrap();
    let refused = session.submit(message("two"), soon()).await;
    assert_eq!(refused, Err(SubmitError::Refused(Status::THROTTLED)));
    let began = Instant::now();
    let in_time = session.submit(message("three"), began + Duration::from_millis(100)).await;
    assert_eq!(in_time, Err(SubmitError::NotSent(Lost::Busy)), "nothing leaves during the pause");
    session.submit(message("three"), soon()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(700), "{:?}", began.elapsed());
    smsc.behave(Manner { refuse: Some(Status(0x0B)), ..manner() });
    assert_eq!(session.submit(message("four"), soon()).await, Err(SubmitError::Refused(Status(0x0B))));
    smsc.behave(Manner { refuse: Some(Status::INVALID_BIND_STATUS), ..manner() });
    let _ = session.submit(message("five"), soon()).await;
    assert_eq!(session.ended().await, Closed::NotBound);
}

#[tokio::test]
async fn what_is_written_and_not_answered_is_unknown_and_the_rest_was_not_sent() {
    let smsc = FakeSmsc::start(Manner { is_mute: true, ..manner() }).await.unwrap();
    let (session, _inbound) = bind(&smsc, SessionOptions { window: 10, ..options() }).await;
    let sends: Vec<_> = (0..25)
        .map(|n| {
            let session = session.clone();
            tokio::spawn(async move { session.submit(message(&format!("{n}")), soon()).await })
        })
        .collect();
    eventually("ten are out", || smsc.count() == 10).await;
    smsc.cut();
    let (mut unknown, mut not_sent) = (0, 0);
    for send in sends {
        match send.await.unwrap() {
            Err(SubmitError::Unknown(_)) => unknown += 1,
            Err(SubmitError::NotSent(Lost::Closed(_))) => not_sent += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((unknown, not_sent, smsc.count()), (10, 15, 10));
}

#[tokio::test]
async fn silence_ends_a_session_and_answers_in_time_do_not() {
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    let short = Duration::from_millis(60);
    let options =
        SessionOptions { enquire_after: short, enquire_time: short, response_time: short, ..options() };
    let (session, _inbound) = bind(&smsc, options.clone()).await;
    eventually("it enquires", || smsc.enquiries() >= 3).await;
    assert!(!session.is_closed());
    smsc.behave(Manner { is_mute: true, ..manner() });
    assert_eq!(session.ended().await, Closed::Silent);

    // three answers missed in a row end it as well, even while enquiries are answered
    let (session, _inbound) =
        bind(&smsc, SessionOptions { enquire_after: Duration::from_mins(1), ..options }).await;
    for n in 0..3 {
        let unknown = session.submit(message(&format!("{n}")), soon()).await;
        assert!(matches!(unknown, Err(SubmitError::Unknown(_))), "{unknown:?}");
    }
    assert_eq!(session.ended().await, Closed::Unanswered);
}

#[tokio::test]
async fn the_peers_questions_are_answered_and_its_faults_cost_no_session() {
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    let (session, mut inbound) = bind(&smsc, options()).await;
    smsc.ask(&Body::EnquireLink);
    // a deliver_sm that ends too early, an unknown request, an alert
    smsc.say(&[0, 0, 0, 18, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0]);
    smsc.say(&[0, 0, 0, 16, 0, 0, 1, 0x11, 0, 0, 0, 0, 0, 0, 0, 8]);
    smsc.say(&[0, 0, 0, 16, 0, 0, 1, 0x02, 0, 0, 0, 0, 0, 0, 0, 9]);
    let writing = tokio::spawn(async move { (smsc.write("254700000001", "100", "hallo").await, smsc) });
    let delivery = inbound.recv().await.unwrap();
    assert_eq!(delivery.message.source.address, "254700000001");
    delivery.accept();
    let (status, smsc) = writing.await.unwrap();
    assert_eq!(status, Some(Status::OK));
    // dropped without an answer, it is refused for now
    let writing = tokio::spawn(async move { (smsc.write("254700000001", "100", "hallo").await, smsc) });
    drop(inbound.recv().await.unwrap());
    let (status, smsc) = writing.await.unwrap();
    assert_eq!(status, Some(Status::TEMPORARY_APP_ERROR));
    session.submit(message("still here"), soon()).await.unwrap();
    // octets that are no PDU end it
    smsc.say(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert!(matches!(session.ended().await, Closed::Framing(_)));
}

#[tokio::test]
async fn an_unbind_from_either_side_loses_nothing() {
    let smsc = FakeSmsc::start(Manner { delay: Duration::from_millis(50), ..manner() }).await.unwrap();
    for from_peer in [false, true] {
        let (session, _inbound) = bind(&smsc, options()).await;
        let before = smsc.count();
        let sending = {
            let session = session.clone();
            tokio::spawn(async move { session.submit(message("last"), soon()).await })
        };
        eventually("it is out", || smsc.count() > before).await;
        if from_peer {
            smsc.ask(&Body::Unbind);
        } else {
            session.unbind().await;
        }
        sending.await.unwrap().unwrap();
        let closed = session.ended().await;
        assert_eq!(closed, if from_peer { Closed::UnboundByPeer } else { Closed::Unbound });
        let late = session.submit(message("late"), soon()).await;
        assert!(matches!(late, Err(SubmitError::NotSent(_))), "{late:?}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_back_what_was_not_written() {
    let smsc = FakeSmsc::start(Manner { delay: Duration::from_millis(100), ..manner() }).await.unwrap();
    let (session, _inbound) = bind(&smsc, SessionOptions { window: 1, ..options() }).await;
    let first = {
        let session = session.clone();
        tokio::spawn(async move { session.submit(message("first"), soon()).await })
    };
    eventually("the window is full", || smsc.count() == 1).await;
    let second = session.submit(message("second"), Instant::now() + Duration::from_millis(20)).await;
    assert_eq!(second, Err(SubmitError::NotSent(Lost::Busy)));
    first.await.unwrap().unwrap();
    // one that was written keeps its place until it is answered
    let given_up = session.submit(message("third"), Instant::now() + Duration::from_millis(20)).await;
    assert!(matches!(given_up, Err(SubmitError::Unknown(_))), "{given_up:?}");
    assert_eq!(session.room(), 0);
    eventually("its place is free again", || session.room() == 1).await;
    assert_eq!(smsc.count(), 2);
}

#[tokio::test]
async fn a_pool_comes_back_and_counts_what_is_unsure() {
    let smsc = FakeSmsc::start(Manner { receipts: Receipts::Before, ..manner() }).await.unwrap();
    let options = PoolOptions { session: options(), binds: 3, backoff: quick() };
    let (pool, mut inbound) = Pool::start(options, connector(smsc.address()));
    let pool = Arc::new(pool);
    eventually("three are bound", || smsc.bound().len() == 3).await;
    let receiving = tokio::spawn(async move {
        while let Some(delivery) = inbound.recv().await {
            delivery.accept();
        }
    });
    let sends: Vec<_> = (0..600)
        .map(|n| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(n % 200)).await;
                let text = format!("{n}");
                loop {
                    match pool.submit(&message(&text), soon()).await {
                        Ok(taken) => return (text, Some(taken.message_id)),
                        Err(PoolError::Submit(SubmitError::Unknown(_))) => return (text, None),
                        // certainly not taken: again
                        Err(PoolError::Down(_) | PoolError::Submit(SubmitError::NotSent(_))) => {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(rand::random_range(10..40))).await;
        smsc.cut();
    }
    let mut times: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut unknown = HashSet::new();
    let mut known = HashSet::new();
    for send in sends {
        match send.await.unwrap() {
            (text, Some(_)) => known.insert(text),
            (text, None) => unknown.insert(text),
        };
    }
    for taken in smsc.taken() {
        *times.entry(taken.message.short_message.to_vec()).or_default() += 1;
    }
    assert!(times.values().all(|count| *count == 1), "something was sent twice");
    for text in &known {
        assert!(times.contains_key(text.as_bytes()), "{text} was acknowledged and is not there");
    }
    assert_eq!(known.len() + unknown.len(), 600);
    println!("{} known, {} unknown", known.len(), unknown.len());
    pool.unbind().await;
    assert!(pool.states().iter().all(|state| matches!(state, LinkState::Over)));
    assert!(matches!(pool.submit(&message("late"), soon()).await, Err(PoolError::Over)));
    receiving.abort();
}

#[tokio::test]
async fn a_pool_without_a_message_centre_says_so_at_once() {
    let smsc = FakeSmsc::start(manner()).await.unwrap();
    let address = smsc.address();
    drop(smsc);
    eventually("it is gone", || std::net::TcpStream::connect(address).is_err()).await;
    let backoff = Backoff { first: Duration::from_secs(50), longest: Duration::from_secs(60), ..quick() };
    let options = PoolOptions { session: options(), binds: 1, backoff };
    let (pool, _inbound) = Pool::start(options, connector(address));
    let began = Instant::now();
    assert!(matches!(pool.submit(&message("hi"), soon()).await, Err(PoolError::Down(_))));
    assert!(began.elapsed() < Duration::from_secs(5));
}
