//! Socket.IO 5, from outside: what its official suite asks, and what it does not.

mod common;

use std::{sync::atomic::Ordering, time::Duration};

use common::{quick, stage};
use engine::Reason;
use serde_json::Value;
use tokio::time::{Instant, sleep};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_enters_a_namespace() {
    let stage = stage(quick()).await;
    for (connect, answer, auth) in [
        ("40", "40{", r#"42["auth",{}]"#),
        (r#"40{"token":"123"}"#, "40{", r#"42["auth",{"token":"123"}]"#),
        ("40/custom,", "40/custom,{", r#"42/custom,["auth",{}]"#),
        (r#"40/custom,{"token":"abc"}"#, "40/custom,{", r#"42/custom,["auth",{"token":"abc"}]"#),
    ] {
        let mut client = stage.websocket("/socket.io/", "").await;
        let open: Value = serde_json::from_str(&client.text().await[1..]).unwrap();
        client.send(connect).await;
        let text = client.text().await;
        assert!(text.starts_with(answer), "{text}");
        let connected: Value = serde_json::from_str(&text[text.find('{').unwrap()..]).unwrap();
        assert_eq!(connected.as_object().unwrap().len(), 1);
        assert_ne!(connected["sid"], open["sid"], "the public id is not the transport's");
        assert_eq!(client.text().await, auth);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_follow_at_once_are_not_lost() {
    let stage = stage(quick()).await;
    for _ in 0..20 {
        let mut client = stage.websocket("/socket.io/", "").await;
        client.send("40").await;
        client.send(r#"42["message",1]"#).await;
        assert!(client.text().await.starts_with('0'));
        assert!(client.text().await.starts_with("40{"));
        assert_eq!(client.text().await, r#"42["auth",{}]"#);
        assert_eq!(client.text().await, r#"42["message-back",1]"#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_refused_with_a_reason() {
    let stage = stage(quick()).await;
    let mut client = stage.websocket("/socket.io/", "").await;
    client.text().await;
    client.send("40/random").await;
    assert_eq!(client.text().await, r#"44/random,{"message":"Invalid namespace"}"#);
    client.send(r#"40{"a":"refuse me"}"#).await;
    assert_eq!(client.text().await, r#"44{"message":"forbidden"}"#);
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"), "it may try again");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enters_nothing_is_closed() {
    let config = engine::Config { connect_timeout: Duration::from_millis(150), ..quick() };
    let stage = stage(config).await;
    let mut silent = stage.websocket("/socket.io/", "").await;
    silent.text().await;
    assert!(silent.is_closed_within(Duration::from_millis(280)).await, "before the first heartbeat");
    let mut left = stage.joined().await;
    sleep(Duration::from_millis(200)).await;
    left.send("41").await;
    let began = Instant::now();
    assert!(left.is_closed_within(Duration::from_secs(1)).await);
    assert!(began.elapsed() >= Duration::from_millis(100), "the time begins anew");
    assert_eq!(stage.seen.closed().await, Reason::ClientLeft);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_one_namespace_leaves_the_other() {
    let stage = stage(quick()).await;
    let mut client = stage.joined().await;
    client.send("40/custom").await;
    assert!(client.text().await.starts_with("40/custom,{"));
    assert_eq!(client.text().await, r#"42/custom,["auth",{}]"#);
    client.send("41/custom").await;
    client.send(r#"42["message","message to main namespace"]"#).await;
    assert_eq!(client.text().await, r#"42["message-back","message to main namespace"]"#);
    client.send("41").await;
    assert_eq!(client.text().await, "2", "the transport stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_acknowledgements_of_any_arity() {
    let stage = stage(quick()).await;
    let mut client = stage.joined().await;
    client.send(r#"42["message",1,"2",{"3":[true]}]"#).await;
    assert_eq!(client.text().await, r#"42["message-back",1,"2",{"3":[true]}]"#);
    client.send(r#"42456["message-with-ack",1,"2",{"3":[false]}]"#).await;
    assert_eq!(client.text().await, r#"43456[1,"2",{"3":[false]}]"#);
    let places = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
    for (sent, answer) in [
        (format!(r#"452-["message",{places}]"#), format!(r#"452-["message-back",{places}]"#)),
        (format!(r#"452-789["message-with-ack",{places}]"#), format!("462-789[{places}]")),
    ] {
        client.send(&sent).await;
        client.send_binary(&[1, 2, 3]).await;
        client.send_binary(&[4, 5, 6]).await;
        assert_eq!(client.packet().await, answer);
        assert_eq!(client.binary().await, [1, 2, 3]);
        assert_eq!(client.binary().await, [4, 5, 6]);
    }
    client.send(r#"42["ask"]"#).await;
    assert_eq!(client.packet().await, r#"425["asked"]"#);
    client.send(r#"435["yes",2]"#).await;
    client.send(r#"42["message"]"#).await;
    assert_eq!(client.packet().await, r#"42["message-back"]"#);
    assert_eq!(*stage.seen.acks.lock(), [(5, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_over_polling() {
    let stage = stage(quick()).await;
    let sid = stage.poll("/socket.io/").await;
    let path = "/socket.io/";
    assert_eq!(stage.post(path, &sid, "40").await, (200, "ok".to_owned()));
    let (_, body) = stage.get(path, &sid).await;
    assert!(body.starts_with("40{"), "{body}");
    let body = if body.contains("auth") { body } else { stage.get(path, &sid).await.1 };
    assert!(body.ends_with(r#"42["auth",{}]"#), "{body}");
    let sent = "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQID";
    assert_eq!(stage.post(path, &sid, sent).await.0, 200);
    let back = "451-[\"message-back\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQID";
    assert_eq!(stage.get(path, &sid).await.1, back);
    stage.seen.kill.store(true, Ordering::Relaxed);
    stage.seen.wake();
    assert_eq!(stage.get(path, &sid).await.0, 400);
    assert_eq!(stage.seen.closed().await, Reason::Killed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_loses_and_doubles_nothing() {
    let stage = stage(quick()).await;
    let path = "/socket.io/";
    for _ in 0..10 {
        let sid = stage.poll(path).await;
        stage.post(path, &sid, "40").await;
        let mut got = String::new();
        while !got.contains("auth") {
            got += &stage.get(path, &sid).await.1;
        }
        for n in 0..20 {
            stage.post(path, &sid, &format!("42[\"message\",{n}]")).await;
        }
        let (polled, mut client) = tokio::join!(
            async {
                let mut got = Vec::new();
                loop {
                    let (status, body) = stage.get(path, &sid).await;
                    got.extend(body.split('\u{1e}').map(str::to_owned).collect::<Vec<_>>());
                    if status != 200 || body.ends_with('6') {
                        return got;
                    }
                }
            },
            async {
                let mut client = stage.websocket(path, &format!("&sid={sid}")).await;
                client.send("2probe").await;
                assert_eq!(client.text().await, "3probe");
                client
            }
        );
        for n in 20..40 {
            assert_eq!(stage.post(path, &sid, &format!("42[\"message\",{n}]")).await.0, 200);
        }
        client.send("5").await;
        for n in 40..60 {
            client.send(&format!("42[\"message\",{n}]")).await;
        }
        let mut all: Vec<String> = polled.into_iter().filter(|packet| packet.starts_with("42")).collect();
        while all.len() < 60 {
            all.push(client.packet().await);
        }
        let expected: Vec<String> = (0..60).map(|n| format!("42[\"message-back\",{n}]")).collect();
        assert_eq!(all, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_take_a_client_out_or_cut_it() {
    let stage = stage(quick()).await;
    let mut client = stage.joined().await;
    stage.seen.leave.store(true, Ordering::Relaxed);
    stage.seen.wake();
    assert_eq!(client.packet().await, "41");
    assert_eq!(stage.seen.closed().await, Reason::ServerLeft);
    client.send("42[\"message\",1]").await;
    assert_eq!(client.text().await, "2", "nobody hears it");
    stage.seen.leave.store(false, Ordering::Relaxed);
    stage.seen.closed.lock().clear();
    let mut client = stage.joined().await;
    stage.seen.kill.store(true, Ordering::Relaxed);
    stage.seen.wake();
    assert!(client.is_closed_within(Duration::from_millis(200)).await);
    assert_eq!(stage.seen.closed().await, Reason::Killed);
}

#[tokio::test(flavor = "multi_thread")]
async fn state_is_asked_for_and_events_are_counted() {
    let stage = stage(quick()).await;
    let mut client = stage.websocket("/socket.io/", "").await;
    client.text().await;
    client.send(r#"40{"a":"recover"}"#).await;
    let connected: Value = serde_json::from_str(&client.text().await[2..]).unwrap();
    assert_eq!(connected["pid"], "p");
    client.text().await;
    client.send(r#"42["counted",{"x":1}]"#).await;
    assert_eq!(client.packet().await, r#"42["counted-back",{"x":1},"1"]"#);
    client.send(r#"42["counted"]"#).await;
    assert_eq!(client.packet().await, r#"42["counted-back","2"]"#);
    drop(client);
    let mut client = stage.websocket("/socket.io/", "").await;
    client.text().await;
    client.send(r#"40{"a":"recover","pid":"p","offset":"2"}"#).await;
    client.text().await;
    client.text().await;
    client.send(r#"42["counted"]"#).await;
    assert_eq!(client.packet().await, r#"42["counted-back","3"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_events_are_taken_in_order() {
    let stage = stage(quick()).await;
    let client = stage.joined().await;
    let (mut write, mut read) = futures::StreamExt::split(client.0);
    let writer = tokio::spawn(async move {
        for n in 0..10_000 {
            let text = format!("42{n}[\"message-with-ack\",{n}]");
            futures::SinkExt::send(&mut write, text.into()).await.unwrap();
        }
        write
    });
    let mut next = 0;
    while next < 10_000 {
        let message = futures::StreamExt::next(&mut read).await.unwrap().unwrap();
        let text = message.to_text().unwrap().to_owned();
        if text != "2" {
            assert_eq!(text, format!("43{next}[{next}]"));
            next += 1;
        }
    }
    drop(writer.await.unwrap());
}
