//! Clients that are slow, silent or hostile, and the defects of other servers that must not be ours.
//!
//! | | defect elsewhere | here |
//! |---|---|---|
//! | D1 | who reads nothing is never cut | `a_client_that_reads_nothing_is_cut` |
//! | D2, D3 | nor can be cut, and holds up the end of the server | `a_client_that_reads_nothing_can_be_killed` |
//! | D4 | who reads late loses events | `a_slow_client_loses_nothing` |
//! | D5 | events of one client are taken out of order, however many | `ten_thousand_events_are_taken_in_order`, `a_client_is_not_read_while_nothing_is_taken` |
//! | D6 | the first ping comes at once | `heartbeats_come_after_the_interval` |
//! | D7 | the public id is the session's | `the_public_id_is_no_session_id` |
//! | D8 | what is joined after the end is kept | the hub's `a_log_that_is_joined_after_the_end_keeps_nobody` |
//! | D9 | namespaces that clients name are kept | `a_flood_of_namespaces_is_ended` |
//! | D10 | an idle connection holds tens of KiB | the hub's `an_idle_socket_holds_little` |
//! | D11 | half a handshake is enough, limits are not kept, origins not looked at | `a_lax_handshake_is_refused`, `what_is_too_large_is_refused_on_both_transports`, the hub's `realtime::origin` |

mod common;

use std::{sync::atomic::Ordering, time::Duration};

use common::{Stage, quick, stage};
use engine::{Config, Reason};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

/// Limits of a public server, quick heartbeats apart.
fn public() -> Config {
    Config {
        ping_interval: Duration::from_secs(10),
        ping_timeout: Duration::from_secs(5),
        stall: Duration::from_millis(600),
        connect_timeout: Duration::from_secs(2),
        ..Config::default()
    }
}

/// A connection that speaks WebSocket byte by byte, after its handshake.
async fn raw(stage: &Stage) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(stage.address).await.unwrap();
    let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: hub\r\nconnection: upgrade\r\n\
                   upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 1024];
    let count = stream.read(&mut answer).await.unwrap();
    assert!(answer[..count].starts_with(b"HTTP/1.1 101"));
    stream
}

/// A masked frame (the mask is zero).
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        0..=125 => bytes.push(0x80 | payload.len() as u8),
        length @ 126..=65535 => {
            bytes.push(0xfe);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0xff);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Whether the server ends the connection within a second, whatever it says before.
async fn is_cut(stream: &mut TcpStream) -> bool {
    let mut rest = vec![0; 65536];
    let read = async { while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
    timeout(Duration::from_secs(1), read).await.is_ok()
}

/// D1, D2, D3: a client that stops reading is cut, told to whoever serves it, and can be killed before.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_is_cut() {
    let stage = stage(public()).await;
    let mut stalled = raw(&stage).await;
    stalled.write_all(&frame(0x81, b"40")).await.unwrap();
    stalled.write_all(&frame(0x81, b"42[\"blast\",1000000]")).await.unwrap();
    let began = Instant::now();
    assert_eq!(stage.seen.closed().await, Reason::Stalled);
    assert!(began.elapsed() >= Duration::from_millis(500));
    // what it did not take was never made: it waits with whoever has it (D4, nothing is dropped)
    assert!(stage.seen.pulled.load(Ordering::Relaxed) < 20_000);
    assert_eq!(stage.server.sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_can_be_killed() {
    let stage = stage(Config { stall: Duration::from_secs(60), ..public() }).await;
    let mut stalled = raw(&stage).await;
    stalled.write_all(&frame(0x81, b"40")).await.unwrap();
    stalled.write_all(&frame(0x81, b"42[\"blast\",1000000]")).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    assert!(stage.seen.closed.lock().is_empty());
    stage.seen.kill.store(true, Ordering::Relaxed);
    stage.seen.wake();
    let began = Instant::now();
    assert_eq!(stage.seen.closed().await, Reason::Killed);
    assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
}

/// D4: whoever reads late gets everything, in order.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_loses_nothing() {
    let stage = stage(Config { stall: Duration::from_secs(10), ..public() }).await;
    let mut slow = stage.joined().await;
    slow.send("42[\"blast\",20000]").await;
    sleep(Duration::from_millis(700)).await;
    let waiting = stage.seen.pulled.load(Ordering::Relaxed);
    for n in 0..20_000 {
        let expected = format!("42[\"blasted\",[{n},");
        let text = slow.packet().await;
        assert!(text.starts_with(&expected), "{}", &text[..40]);
    }
    assert!(waiting < 20_000, "most of it waited unmade");
}

/// D5: see `ten_thousand_events_are_taken_in_order`; here: who takes no events is not sent any.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_not_read_while_nothing_is_taken() {
    let stage = stage(Config {
        ping_interval: Duration::from_millis(200),
        ping_timeout: Duration::from_millis(200),
        ..public()
    })
    .await;
    let mut client = stage.joined().await;
    stage.seen.held.store(true, Ordering::Relaxed);
    for n in 0..1000 {
        client.send(&format!("42[\"message\",{n}]")).await;
    }
    sleep(Duration::from_secs(1)).await;
    // what was on its way when it was held may have been taken
    let taken = stage.seen.events.lock().len();
    assert!(taken <= 64, "{taken}");
    assert!(stage.seen.closed.lock().is_empty(), "nor is its heartbeat missed meanwhile");
    stage.seen.held.store(false, Ordering::Relaxed);
    stage.seen.wake();
    for n in 0..1000 {
        assert_eq!(client.packet().await, format!("42[\"message-back\",{n}]"));
    }
}

/// D7: the public id opens no door.
#[tokio::test(flavor = "multi_thread")]
async fn the_public_id_is_no_session_id() {
    let stage = stage(public()).await;
    let sid = stage.poll("/socket.io/").await;
    stage.post("/socket.io/", &sid, "40").await;
    let (_, body) = stage.get("/socket.io/", &sid).await;
    let id = body.split('"').nth(3).unwrap().to_owned();
    assert_ne!(id, sid);
    assert_eq!(stage.get("/socket.io/", &id).await.0, 400);
    assert_eq!(stage.post("/socket.io/", &id, "42[\"message\"]").await.0, 400);
}

/// D9: names of namespaces leave nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_namespaces_is_ended() {
    let stage = stage(public()).await;
    let mut client = stage.joined().await;
    for n in 0..1000 {
        // it is cut while we are at it
        let text = format!("40/n{n},");
        if futures::SinkExt::send(&mut client.0, text.into()).await.is_err() {
            break;
        }
    }
    assert!(client.is_closed_within(Duration::from_secs(1)).await);
    assert_eq!(stage.seen.closed().await, Reason::Malformed);
    let mut client = stage.joined().await;
    for _ in 0..200 {
        client.send("40").await;
    }
    client.send("42[\"message\",1]").await;
    assert_eq!(client.packet().await, "42[\"message-back\",1]", "who is in already is not let in again");
}

/// D11: half a handshake is none, and limits hold on both transports.
#[tokio::test(flavor = "multi_thread")]
async fn a_lax_handshake_is_refused() {
    let stage = stage(public()).await;
    for (headers, status) in [
        (
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 99\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            "426",
        ),
        ("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "400"),
        ("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13", "400"),
        (
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: short",
            "400",
        ),
    ] {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        let request =
            format!("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: hub\r\n{headers}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 64];
        let count = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{headers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_on_both_transports() {
    let stage = stage(public()).await;
    let sid = stage.poll("/socket.io/").await;
    let large = format!("4{}", "x".repeat(128 * 1024));
    assert_eq!(stage.post("/socket.io/", &sid, &large).await.0, 413);
    let sid = stage.poll("/socket.io/").await;
    assert_eq!(stage.post("/socket.io/", &sid, &"\u{1e}".repeat(99_000)).await.0, 400);
    let mut client = raw(&stage).await;
    // the head alone is enough
    client.write_all(&[0x81, 0xff, 0, 0, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0]).await.unwrap();
    assert!(is_cut(&mut client).await);
}

/// Packets that brought other servers down. `true`: the connection ends; else it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_packets_end_the_connection_and_odd_ones_do_not() {
    let stage = stage(public()).await;
    let deep = format!("42[\"e\",{}", "[".repeat(50_000));
    let closed_deep = format!("42[\"e\",{}{}]", "[".repeat(50_000), "]".repeat(50_000));
    let digits = format!("42{}", "9".repeat(100_000));
    let namespace = format!("40/{},", "n".repeat(100_000));
    for (packet, ends) in [
        (r#"42[{"toString":"foo"}]"#, true),
        ("42[null]", true),
        ("42[1,2]", true),
        ("42[]", true),
        ("42{}", true),
        ("42abc[\"e\"]", true),
        (r#"451-["e",{"_placeholder":true,"num":"splice"}]"#, true),
        (r#"451-["e",{"_placeholder":true,"num":99999}]"#, true),
        (r#"451-["e",{"_placeholder":true,"num":-1}]"#, true),
        (r#"455-["e"]"#, true),
        (r#"45999999-["e",{"_placeholder":true,"num":0}]"#, true),
        (r#"4599999999999999999999999999-["e"]"#, true),
        (r#"451["e"]"#, true),
        (r#"44{"message":"x"}"#, true),
        ("49", true),
        ("4", true),
        ("0", true),
        ("5", true),
        ("6", true),
        ("2", true),
        ("8", true),
        ("éabcd", true),
        (deep.as_str(), true),
        (digits.as_str(), true),
        (namespace.as_str(), true),
        (closed_deep.as_str(), false),
        (r#"42["error"]"#, false),
        (r#"42["connect"]"#, false),
        (r#"42["disconnect"]"#, false),
        (r#"42["newListener"]"#, false),
        ("4399[]", false),
        (r#"42/custom,["message",1]"#, false),
        ("41/custom,", false),
        ("40", false),
        ("3", false),
    ] {
        let shown: String = packet.chars().take(50).collect();
        let mut client = stage.joined().await;
        client.send(packet).await;
        if ends {
            assert!(client.is_closed_within(Duration::from_secs(1)).await, "{shown}");
        } else {
            client.send(r#"42["message","alive"]"#).await;
            assert_eq!(client.packet().await, r#"42["message-back","alive"]"#, "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_parts_are_expected_counted_and_limited() {
    let stage = stage(public()).await;
    let one = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    let mut client = stage.joined().await;
    client.send_binary(&[1]).await;
    assert!(client.is_closed_within(Duration::from_secs(1)).await, "nothing was announced");
    let mut client = stage.joined().await;
    client.send(one).await;
    client.send(r#"42["message"]"#).await;
    assert!(client.is_closed_within(Duration::from_secs(1)).await, "the part has to follow");
    let mut client = stage.joined().await;
    let two = r#"452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    client.send(two).await;
    client.send_binary(&vec![0; 80_000]).await;
    client.send_binary(&vec![0; 80_000]).await;
    assert!(client.is_closed_within(Duration::from_secs(1)).await, "together they are too large");
    let mut client = stage.websocket("/socket.io/", "").await;
    client.text().await;
    client.send("40/custom").await;
    client.send(&one.replace("1-", "1-/custom,")).await;
    assert!(client.is_closed_within(Duration::from_secs(1)).await, "this namespace takes none");
    let mut client = stage.joined().await;
    client.send(one).await;
    assert!(client.is_closed_within(Duration::from_secs(4)).await, "it did not follow in time");
    assert!(stage.seen.closed.lock().contains(&Reason::Unsettled));
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_cannot_be_end_the_connection() {
    let stage = stage(public()).await;
    for bytes in [
        vec![0x81, 1, b'4'],
        frame(0xc1, b"40"),
        frame(0x83, b"40"),
        frame(0x80, b"40"),
        frame(0x09, b""),
        frame(0x89, &[0; 126]),
        frame(0x81, &[0xff, 0xfe]),
        frame(0x81, &[b'4', b'0', 0xc3]),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 100],
    ] {
        let mut client = raw(&stage).await;
        client.write_all(&bytes).await.unwrap();
        assert!(is_cut(&mut client).await, "{bytes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_bring_nothing_end_the_connection() {
    let stage = stage(public()).await;
    let begun = frame(0x01, b"4");
    for (first, many) in [
        (begun.clone(), frame(0x00, b"")),
        (begun.clone(), frame(0x00, b"x")),
        (Vec::new(), frame(0x89, b"ping")),
        (Vec::new(), frame(0x8a, b"")),
        (Vec::new(), frame(0x81, b"3")),
    ] {
        let mut client = raw(&stage).await;
        let mut bytes = frame(0x81, b"40");
        bytes.extend(&first);
        bytes.extend(many.repeat(10_000));
        // it may be cut while we write
        let _cut = client.write_all(&bytes).await;
        assert!(is_cut(&mut client).await, "{many:?}");
    }
    let until = Instant::now() + Duration::from_secs(2);
    while stage.server.sessions() > 0 {
        assert!(Instant::now() < until);
        sleep(Duration::from_millis(10)).await;
    }
    assert!(
        stage.seen.closed.lock().iter().all(|reason| *reason == Reason::Flood),
        "{:?}",
        stage.seen.closed.lock()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_at_a_time_is_slow_and_no_harm() {
    let stage = stage(public()).await;
    let mut client = raw(&stage).await;
    client.set_nodelay(true).unwrap();
    for byte in [frame(0x81, b"40"), frame(0x81, br#"42["message","slow"]"#)].concat() {
        client.write_all(&[byte]).await.unwrap();
    }
    let mut all = String::new();
    let mut buffer = [0; 1024];
    while !all.contains("message-back") {
        let count = timeout(common::PATIENCE, client.read(&mut buffer)).await.unwrap().unwrap();
        assert!(count > 0);
        all += &String::from_utf8_lossy(&buffer[..count]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_client_is_noticed_by_its_heartbeat() {
    let stage = stage(quick()).await;
    let mut client = raw(&stage).await;
    client.write_all(&frame(0x81, b"40")).await.unwrap();
    let began = Instant::now();
    assert_eq!(stage.seen.closed().await, Reason::HeartbeatTimeout);
    assert!(began.elapsed() < Duration::from_millis(900));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_resets_during_an_upgrade_is_forgotten() {
    let stage = stage(quick()).await;
    for _ in 0..20 {
        let sid = stage.poll("/socket.io/").await;
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\nhost: hub\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.set_zero_linger().unwrap();
        drop(stream);
    }
    let mut client = stage.joined().await;
    client.send(r#"42["message",1]"#).await;
    assert_eq!(client.packet().await, r#"42["message-back",1]"#);
    drop(client);
    let until = Instant::now() + Duration::from_secs(3);
    while stage.server.sessions() > 0 {
        assert!(Instant::now() < until, "{}", stage.server.sessions());
        sleep(Duration::from_millis(10)).await;
    }
}

/// An ack flood from a client that does not read holds up only itself.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_not_read_stop_the_questions() {
    let stage = stage(Config { stall: Duration::from_secs(2), ..public() }).await;
    let mut client = raw(&stage).await;
    client.write_all(&frame(0x81, b"40")).await.unwrap();
    let question = frame(0x81, format!("421[\"message-with-ack\",\"{}\"]", "x".repeat(10_000)).as_bytes());
    let flood = async { while client.write_all(&question).await.is_ok() {} };
    // either the questions are not taken any more, or it is cut
    let _either = timeout(Duration::from_secs(8), flood).await;
    assert_eq!(stage.seen.closed().await, Reason::Stalled);
    let taken = stage.seen.events.lock().len();
    assert!(taken < 2000, "{taken} were taken");
}
