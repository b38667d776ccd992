//! Starting: what is refused by name, what is kept.

use std::{net::TcpListener, process::Output};

use tests::harness::{TestHub, World, hub::PUBLIC_URL};

fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it started: {said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not named: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_name() {
    for (env, words) in [
        (&[("TURUMBA_SOCKETS_PINGINTERVAL", "5s")][..], &["TURUMBA_SOCKETS_PINGINTERVAL"][..]),
        (&[("TURUMBA_DISPATCH_LEASE", "soon")], &["TURUMBA_DISPATCH_LEASE", "soon"]),
        (&[("TURUMBA_SECRET_KEY", "abc")], &["TURUMBA_SECRET_KEY"]),
        (&[("REDIS_URL", "http://127.0.0.1")], &["REDIS_URL", "redis://"]),
        (&[("TURUMBA_OUTBOUND_ALLOW", "10.0.0.0/99")], &["TURUMBA_OUTBOUND_ALLOW"]),
        // every problem at once
        (
            &[("TURUMBA_LOG_FORMAT", "xml"), ("TURUMBA_HTTP_BODY_MAX", "1")],
            &["TURUMBA_LOG_FORMAT", "TURUMBA_HTTP_BODY_MAX"],
        ),
        // somebody else's database needs a key that outlives this machine
        (
            &[("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"), ("TURUMBA_SECRET_KEY", "")],
            &["TURUMBA_SECRET_KEY"],
        ),
    ] {
        let hub = TestHub::embedded(env);
        refused(&hub.run(&["serve"]), words);
    }
}

#[tokio::test]
async fn a_taken_port_names_the_flag() {
    let hub = TestHub::start().await;
    let other = TestHub::embedded(&[]);
    let address = format!("127.0.0.1:{}", hub.port());
    refused(&other.run(&["serve", "--listen", &address]), &["--listen", &address]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&other.run(&["serve", "--listen", &address]), &["--listen", &address]);
    hub.end().await;
}

#[tokio::test]
async fn a_second_start_keeps_the_data_and_a_second_hub_is_refused() {
    let mut hub = TestHub::start_embedded(&[]).await;
    let world = World::new(&hub).await;
    let contact = serde_json::json!({"name": "Grace", "phone": "+15550001"});
    let contact = world.api.post("/v1/contacts", contact).await.created();
    let path = format!("/v1/contacts/{}", contact["id"].as_str().unwrap());

    // the same data directory, another port
    let free = format!("127.0.0.1:{}", tests::harness::hub::free_port());
    refused(&hub.run(&["serve", "--listen", &free]), &["data"]);

    assert!(hub.stop().unwrap().success());
    assert!(hub.postmaster().is_none(), "the private PostgreSQL is stopped with its hub");
    hub.spawn().await;
    // the same token, signed with a key that was kept
    assert_eq!(world.api.get(&path).await.ok()["name"], "Grace");
    hub.kill();
    let left = hub.postmaster().expect("a killed hub leaves its PostgreSQL");
    hub.spawn().await;
    assert_eq!(hub.postmaster(), Some(left), "and the next one adopts it");
    assert_eq!(world.api.get(&path).await.ok()["name"], "Grace");
    hub.end().await;
}

#[tokio::test]
async fn commands_print_json_and_mask_secrets() {
    let hub = TestHub::start().await;
    let config = hub.cli(&["config"]);
    assert_eq!(config["settings"]["public_url"]["value"], PUBLIC_URL);
    assert_eq!(config["settings"]["secret_key"]["value"], "***");
    let openapi = hub.cli(&["openapi"]);
    assert_eq!(openapi["openapi"], "3.1.0");
    let world = World::new(&hub).await;
    let users = hub.cli(&["user", "list", "--account", &world.account_id]);
    assert!(users.to_string().contains("owner@acme.example"), "{users}");
    let parked = hub.cli(&["queue", "parked"]);
    assert!(parked.is_array() || parked.is_object(), "{parked}");
    hub.end().await;
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_ours_is_refused_by_name() {
    let key = ("TURUMBA_SECRET_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    let of = |url: &str| TestHub::embedded(&[("DATABASE_URL", url), key]).run(&["serve"]);
    refused(&of("postgres://nobody@127.0.0.1:1/none"), &["DATABASE_URL", "127.0.0.1:1"]);
    refused(&of("mysql://nobody@127.0.0.1/none"), &["DATABASE_URL", "postgres://"]);
    // a hub that is alone by its settings keeps others out of its database
    let alone = ("REDIS_URL", "");
    let hub = TestHub::start_with(&[alone]).await;
    let other = TestHub::embedded(&[("DATABASE_URL", &hub.database_url()), key, alone]);
    let free = format!("127.0.0.1:{}", tests::harness::hub::free_port());
    refused(&other.run(&["serve", "--listen", &free]), &["DATABASE_URL", "another hub"]);
    hub.end().await;
}

#[tokio::test]
async fn a_lost_secret_key_is_no_new_beginning() {
    // its own key, in its data directory
    let mut hub = TestHub::start_embedded(&[("TURUMBA_SECRET_KEY", "")]).await;
    let _world = World::new(&hub).await;
    hub.stop();
    let key = hub.data_dir().join("secret.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    refused(&hub.run(&["serve"]), &["secret.key", "TURUMBA_SECRET_KEY"]);
    assert!(!key.exists(), "no new key was made");
    std::fs::write(&key, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n").unwrap();
    refused(&hub.run(&["serve"]), &["secret.key", "TURUMBA_SECRET_KEY"]);
    std::fs::write(&key, kept).unwrap();
    hub.spawn().await;
    hub.end().await;
}
