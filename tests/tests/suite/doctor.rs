//! `turumba doctor`: what it finds, what it advises, and that it changes nothing.

use serde_json::Value;
use tests::harness::TestHub;

pub fn examine(hub: &TestHub) -> (bool, Vec<Value>) {
    let output = tokio::task::block_in_place(|| hub.run(&["doctor"]));
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(said["works"], output.status.success(), "the exit code says it, too: {said}");
    (output.status.success(), said["checks"].as_array().unwrap().clone())
}

pub fn finding<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{name} in {checks:#?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_hub_is_found_sound_before_and_while_it_runs() {
    let mut hub = TestHub::embedded(&[]);
    let (works, checks) = examine(&hub);
    assert!(works, "{checks:#?}");
    assert!(!hub.data_dir().exists(), "looking makes nothing");
    let redis = if std::env::var_os("TURUMBA_TEST_STACK").is_some() { "ok" } else { "skipped" };
    assert_eq!(finding(&checks, "redis")["finding"], redis);

    let url = hub.url();
    hub.set("TURUMBA_PUBLIC_URL", &url);
    hub.spawn().await;
    let (works, checks) = examine(&hub);
    assert!(works, "{checks:#?}");
    for name in [
        "data directory",
        "disk",
        "secret key",
        "files",
        "postgresql",
        "postgresql rights",
        "schema",
        "partitions",
        "connections",
        "clock",
        "public address",
        "websockets",
        "hub",
    ] {
        assert_eq!(finding(&checks, name)["finding"], "ok", "{checks:#?}");
    }
    // for providers it has to be reached by https
    let plain = finding(&checks, "public url");
    assert_eq!(plain["finding"], "warning");
    assert!(plain["advice"].as_str().unwrap().contains("TURUMBA_PUBLIC_URL"));
    hub.discard().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_named_with_what_to_do() {
    let mut hub = TestHub::embedded(&[
        ("DATABASE_URL", "postgres://nobody:hunter2@127.0.0.1:1/none"),
        ("AMQP_URL", "amqp://guest:hunter2@127.0.0.1:1/%2f"),
        ("FILES_URL", "file:///nowhere/to/be/found"),
        ("TURUMBA_SECRET_KEY", ""),
    ]);
    let (works, checks) = examine(&hub);
    assert!(!works);
    for (name, words) in [
        ("secret key", "openssl rand -hex 32"),
        ("postgresql", "check host, port"),
        ("rabbitmq", "AMQP_URL"),
        ("files", "mount"),
    ] {
        let found = finding(&checks, name);
        assert_eq!(found["finding"], "failed", "{found}");
        assert!(found["advice"].as_str().unwrap().contains(words), "{found}");
    }
    assert!(!serde_json::to_string(&checks).unwrap().contains("hunter2"), "{checks:#?}");

    // a listener that is no hub, and a proxy that lets no websocket through
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page =
        axum::Router::new().route("/livez", axum::routing::get(|| async { r#"{"status":"healthy"}"# }));
    let serving = tokio::spawn(async move { axum::serve(listener, page).await });
    hub.set("TURUMBA_PUBLIC_URL", &format!("http://{address}"));
    let (_, checks) = examine(&hub);
    assert_eq!(finding(&checks, "public address")["finding"], "ok", "{checks:#?}");
    let sockets = finding(&checks, "websockets");
    assert_eq!(sockets["finding"], "failed");
    assert!(sockets["advice"].as_str().unwrap().contains("Upgrade"), "{sockets}");
    serving.abort();

    // a data directory that may not start
    hub.set("DATABASE_URL", "");
    std::fs::create_dir_all(hub.data_dir()).unwrap();
    std::fs::write(hub.data_dir().join("restoring.json"), "{}").unwrap();
    let (works, checks) = examine(&hub);
    assert!(
        !works && finding(&checks, "data directory")["advice"].as_str().unwrap().contains("turumba restore")
    );
}
