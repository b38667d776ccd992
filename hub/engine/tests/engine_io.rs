//! Engine.IO 4, from outside: what its official suite asks, and what it does not.

mod common;

use std::time::Duration;

use common::{quick, stage};
use serde_json::Value;
use tokio::time::{Instant, sleep};

const BARE: &str = "/engine.io/";

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_on_either_transport() {
    let stage = stage(quick()).await;
    let (status, body) = stage.request("GET", "/engine.io/?EIO=4&transport=polling", "").await;
    assert_eq!(status, 200);
    let mut client = stage.websocket(BARE, "").await;
    for (open, upgrades) in [(body, "websocket"), (client.text().await, "")] {
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        assert_eq!(open.as_object().unwrap().len(), 5, "{open}");
        assert!(open["sid"].as_str().unwrap().len() >= 20);
        assert_eq!(open["upgrades"].as_array().unwrap().len(), usize::from(!upgrades.is_empty()));
        assert_eq!((&open["pingInterval"], &open["pingTimeout"]), (&300.into(), &200.into()));
        assert_eq!(open["maxPayload"], 1_000_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_cannot_be_are_refused() {
    let stage = stage(quick()).await;
    for (method, query) in [
        ("GET", "transport=polling"),
        ("GET", "EIO=abc&transport=polling"),
        ("GET", "EIO=3&transport=polling"),
        ("GET", "EIO=4"),
        ("GET", "EIO=4&transport=abc"),
        ("GET", "EIO=4&transport=abc|constructor"),
        ("POST", "EIO=4&transport=polling"),
        ("PUT", "EIO=4&transport=polling"),
        ("GET", "EIO=4&transport=polling&sid=__proto__"),
        ("POST", "EIO=4&transport=polling&sid=unknown"),
        ("GET", "EIO=4&transport=websocket"),
    ] {
        let (status, body) = stage.request(method, &format!("/engine.io/?{query}"), "").await;
        assert_eq!(status, 400, "{method} {query}: {body}");
    }
    for query in ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"] {
        assert!(stage.refuses_websocket(&format!("/engine.io/?{query}")).await, "{query}");
    }
    let sid = stage.poll(BARE).await;
    let (status, _) =
        stage.request("PUT", &format!("/engine.io/?EIO=4&transport=polling&sid={sid}"), "").await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_can_be_switched_off() {
    let stage = stage(engine::Config { polling: false, ..quick() }).await;
    assert_eq!(stage.request("GET", "/engine.io/?EIO=4&transport=polling", "").await.0, 400);
    assert!(stage.websocket(BARE, "").await.text().await.starts_with('0'));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_back_over_polling() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    for body in ["4hello", "4one\u{1e}4two\u{1e}4three", "4hello\u{1e}bAQIDBA=="] {
        assert_eq!(stage.post(BARE, &sid, body).await, (200, "ok".to_owned()));
        assert_eq!(stage.get(BARE, &sid).await, (200, body.to_owned()));
    }
    let (poll, ()) = tokio::join!(stage.get(BARE, &sid), async {
        sleep(Duration::from_millis(30)).await;
        assert_eq!(stage.post(BARE, &sid, "4late").await.0, 200);
    });
    assert_eq!(poll, (200, "4late".to_owned()), "a poll waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_back_over_websocket() {
    let stage = stage(quick()).await;
    let mut client = stage.websocket(BARE, "").await;
    client.text().await;
    client.send("4hello").await;
    assert_eq!(client.text().await, "4hello");
    client.send_binary(&[1, 2, 3, 4]).await;
    assert_eq!(client.binary().await, [1, 2, 3, 4]);
    let long = format!("4{}", "ü".repeat(300_000));
    client.send(&long).await;
    assert_eq!(client.packet().await, long);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_packets_are_all_echoed_in_order() {
    let stage = stage(quick()).await;
    let mut client = stage.websocket(BARE, "").await;
    client.text().await;
    for n in 0..500 {
        client.send(&format!("4{n}")).await;
    }
    for n in 0..500 {
        assert_eq!(client.packet().await, format!("4{n}"));
    }
    let sid = stage.poll(BARE).await;
    let body = (0..200).map(|n| format!("4{n}")).collect::<Vec<_>>().join("\u{1e}");
    let (posted, mut got) = tokio::join!(stage.post(BARE, &sid, &body), async {
        let mut got = Vec::new();
        while got.len() < 200 {
            let (_, body) = stage.get(BARE, &sid).await;
            assert!(body.split('\u{1e}').count() <= 16, "a stock client reads no more");
            got.extend(
                body.split('\u{1e}').filter(|packet| *packet != "2").map(str::to_owned).collect::<Vec<_>>(),
            );
        }
        got
    });
    assert_eq!(posted.0, 200, "the post is answered when all of it was taken");
    got.truncate(200);
    assert_eq!(got.join("\u{1e}"), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_packet_ends_the_session() {
    let stage = stage(quick()).await;
    for body in ["abc", "0", "2", "5", "6", "4a\u{1e}zzz", "b@"] {
        let sid = stage.poll(BARE).await;
        assert_eq!(stage.post(BARE, &sid, body).await.0, 400, "{body}");
        assert_eq!(stage.get(BARE, &sid).await.0, 400, "{body}");
        let mut client = stage.websocket(BARE, "").await;
        client.text().await;
        client.send(body).await;
        let bare = !body.starts_with('4') && !body.starts_with('b');
        if bare || body == "b@" {
            assert!(client.is_closed_within(Duration::from_secs(1)).await, "{body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_polls_at_once_end_the_session() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    let (first, second) = tokio::join!(stage.get(BARE, &sid), async {
        sleep(Duration::from_millis(20)).await;
        stage.get(BARE, &sid).await
    });
    assert_eq!(first, (200, "1".to_owned()));
    assert_eq!(second.0, 400);
    assert_eq!(stage.get(BARE, &sid).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_was_given_up_ends_the_session() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    let poll = tokio::time::timeout(Duration::from_millis(30), stage.get(BARE, &sid)).await;
    assert!(poll.is_err());
    assert_eq!(stage.get(BARE, &sid).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_come_after_the_interval() {
    let stage = stage(quick()).await;
    let began = Instant::now();
    let mut client = stage.websocket(BARE, "").await;
    client.text().await;
    assert_eq!(client.text().await, "2");
    let first = began.elapsed();
    assert!(first >= Duration::from_millis(295) && first < Duration::from_millis(450), "{first:?}");
    for _ in 0..3 {
        client.send("3").await;
        assert_eq!(client.text().await, "2");
    }
    let sid = stage.poll(BARE).await;
    for _ in 0..3 {
        assert_eq!(stage.get(BARE, &sid).await, (200, "2".to_owned()));
        assert_eq!(stage.post(BARE, &sid, "3").await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_without_answer_ends_the_session() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    let mut client = stage.websocket(BARE, "").await;
    let began = Instant::now();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(stage.get(BARE, &sid).await.0, 400);
    assert!(client.is_closed_within(Duration::from_secs(1)).await);
    assert!(began.elapsed() < Duration::from_millis(900));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_close() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    let (poll, post) = tokio::join!(stage.get(BARE, &sid), async {
        sleep(Duration::from_millis(20)).await;
        stage.post(BARE, &sid, "1").await
    });
    assert_eq!(poll, (200, "6".to_owned()));
    assert_eq!(post.0, 200);
    assert_eq!(stage.get(BARE, &sid).await.0, 400);
    let mut client = stage.websocket(BARE, "").await;
    client.text().await;
    client.send("1").await;
    assert!(client.is_closed_within(Duration::from_secs(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_becomes_a_websocket() {
    let stage = stage(quick()).await;
    let sid = stage.poll(BARE).await;
    assert_eq!(stage.post(BARE, &sid, "4before").await.0, 200);
    assert_eq!(stage.get(BARE, &sid).await.1, "4before");
    let (poll, mut client) = tokio::join!(stage.get(BARE, &sid), async {
        sleep(Duration::from_millis(20)).await;
        let mut client = stage.websocket(BARE, &format!("&sid={sid}")).await;
        client.send("2probe").await;
        assert_eq!(client.text().await, "3probe");
        client
    });
    assert_eq!(poll.1, "6", "the poll that waits is ended");
    assert_eq!(stage.get(BARE, &sid).await, (200, "6".to_owned()), "so is the next");
    client.send("5").await;
    client.send("4hello").await;
    assert_eq!(client.packet().await, "4hello");
    assert_eq!(stage.get(BARE, &sid).await.0, 400);
    assert_eq!(stage.post(BARE, &sid, "4x").await.0, 400);
    assert!(stage.refuses_websocket(&format!("/engine.io/?EIO=4&transport=websocket&sid={sid}")).await);
    client.send("4still").await;
    assert_eq!(client.packet().await, "4still");
    // heartbeats go on over the new transport
    let mut beats = 0;
    while beats < 3 {
        assert_eq!(client.text().await, "2");
        client.send("3").await;
        beats += 1;
    }
    assert_eq!(stage.server.polling_sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_behind_an_upgrade_comes_too_late() {
    for _ in 0..20 {
        let stage = stage(quick()).await;
        let sid = stage.poll(BARE).await;
        let mut client = stage.websocket(BARE, &format!("&sid={sid}")).await;
        client.send("2probe").await;
        client.send("5").await;
        assert_eq!(client.text().await, "3probe");
        client.send("4hello").await;
        assert_eq!(client.packet().await, "4hello");
        assert_eq!(stage.get(BARE, &sid).await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_fails_leaves_the_session_polling() {
    let stage = stage(engine::Config { upgrade_timeout: Duration::from_millis(100), ..quick() }).await;
    let sid = stage.poll(BARE).await;
    // not a probe; a probe that is not completed; one that breaks off
    let mut wrong = stage.websocket(BARE, &format!("&sid={sid}")).await;
    wrong.send("4hello").await;
    assert!(wrong.is_closed_within(Duration::from_secs(1)).await);
    let mut late = stage.websocket(BARE, &format!("&sid={sid}")).await;
    late.send("2probe").await;
    assert!(late.is_closed_within(Duration::from_secs(1)).await);
    let mut gone = stage.websocket(BARE, &format!("&sid={sid}")).await;
    gone.send("2probe").await;
    gone.text().await;
    drop(gone);
    sleep(Duration::from_millis(50)).await;
    assert_eq!(stage.post(BARE, &sid, "4hello").await.0, 200);
    assert_eq!(stage.get(BARE, &sid).await.1, "4hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_sessions_that_are_over() {
    let stage = stage(quick()).await;
    for _ in 0..20 {
        stage.poll("/socket.io/").await;
        stage.websocket("/socket.io/", "").await.text().await;
    }
    let until = Instant::now() + common::PATIENCE;
    while stage.server.sessions() > 0 {
        assert!(Instant::now() < until, "{} are left", stage.server.sessions());
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stage.server.polling_sessions(), 0);
}
