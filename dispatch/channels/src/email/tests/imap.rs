//! Reading a folder: what is stored, what is remembered, and what comes again.

use std::fmt::Write as _;

use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::*;
use crate::{Incoming, PolledBatch, SendError, SendErrorClass, SettingsProblem, Sink, SinkError};

/// A server with one folder.
#[derive(Default)]
struct Folder {
    validity: u32,
    mails: Vec<(u32, String)>,
}

struct Server {
    port: u16,
    folder: Arc<Mutex<Folder>>,
    news: watch::Sender<u32>,
}

impl Server {
    async fn start(validity: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = Arc::new(Mutex::new(Folder { validity, mails: Vec::new() }));
        let (news, heard) = watch::channel(0);
        let served = Arc::clone(&folder);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served), heard.clone()));
            }
        });
        Self { port, folder, news }
    }

    fn put(&self, uid: u32, name: &str) {
        let raw = format!("From: ada@y.test\r\nMessage-ID: <{name}@y.test>\r\n\r\n{name}\r\n");
        self.folder.lock().mails.push((uid, raw));
        self.news.send_modify(|count| *count += 1);
    }

    fn context(&self, settings: Value) -> crate::Context {
        let adapter = mailbox();
        let mut channel = channel(&*adapter, json!({"imap_security": "none"}));
        for (name, value) in settings.as_object().into_iter().flatten() {
            channel.settings[name.as_str()] = value.clone();
        }
        let mut credentials = channel.credentials.expose().clone();
        credentials["imap_host"] = "127.0.0.1".into();
        credentials["imap_port"] = self.port.into();
        channel.credentials = crate::Secrets::new(credentials);
        local_context(&*adapter, channel)
    }
}

async fn serve(stream: TcpStream, folder: Arc<Mutex<Folder>>, mut news: watch::Receiver<u32>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"* OK ready\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let (tag, command) = line.split_once(' ').unwrap();
        let known = |name: &str| command.starts_with(name);
        let mut answer = String::new();
        let mut ended = "OK done".to_owned();
        if known("LOGIN") && !command.contains("example-password-0001") {
            ended = "NO [AUTHENTICATIONFAILED] no".to_owned();
        } else if known("CAPABILITY") {
            answer = "* CAPABILITY IMAP4rev1 IDLE\r\n".to_owned();
        } else if known("SELECT") || known("EXAMINE") {
            let folder = folder.lock();
            let next = folder.mails.last().map_or(1, |(uid, _)| uid + 1);
            answer = format!(
                "* {} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n* OK [UIDNEXT {next}] ok\r\n",
                folder.mails.len(),
                folder.validity
            );
            if !command.contains("INBOX") {
                ended = "NO no such folder".to_owned();
            }
        } else if known("UID SEARCH SINCE") {
            let uids: Vec<String> = folder.lock().mails.iter().map(|(uid, _)| uid.to_string()).collect();
            answer = format!("* SEARCH {}\r\n", uids.join(" "));
        } else if known("UID FETCH") {
            let folder = folder.lock();
            let range = command.split(' ').nth(2).unwrap();
            let first: u32 = range.split(':').next().unwrap().parse().unwrap();
            let newest = folder.mails.last().map_or(0, |(uid, _)| *uid);
            for (n, (uid, raw)) in folder.mails.iter().enumerate() {
                let number = n + 1;
                if command.contains("BODY") && *uid == first {
                    let _ =
                        write!(answer, "* {number} FETCH (UID {uid} BODY[] {{{}}}\r\n{raw})\r\n", raw.len());
                } else if !command.contains("BODY") && (*uid >= first || *uid == newest) {
                    let _ = write!(answer, "* {number} FETCH (UID {uid} RFC822.SIZE {})\r\n", raw.len());
                }
            }
        } else if known("IDLE") {
            write.write_all(b"+ idling\r\n").await.unwrap();
            let done = loop {
                tokio::select! {
                    line = lines.next_line() => break line,
                    changed = news.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let exists = format!("* {} EXISTS\r\n", folder.lock().mails.len());
                        write.write_all(exists.as_bytes()).await.unwrap();
                    }
                }
            };
            assert_eq!(done.unwrap().as_deref(), Some("DONE"));
        }
        if write.write_all(format!("{answer}{tag} {ended}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Stores and remembers, or refuses to.
#[derive(Default)]
struct Store {
    names: Mutex<Vec<String>>,
    position: Mutex<Option<Value>>,
    is_away: Mutex<bool>,
}

#[async_trait]
impl Sink for Store {
    async fn accept(&self, batch: PolledBatch) -> Result<(), SinkError> {
        if *self.is_away.lock() {
            return Err(SinkError("away".to_owned()));
        }
        let names = batch.incoming.into_iter().filter_map(|one| match one {
            Incoming::Message(message) => Some(message.text),
            _ => None,
        });
        self.names.lock().extend(names);
        Ok(())
    }

    async fn position(&self) -> Result<Option<Value>, SinkError> {
        Ok(self.position.lock().clone())
    }

    async fn remember(&self, position: Value) -> Result<(), SinkError> {
        *self.position.lock() = Some(position);
        Ok(())
    }
}

impl Store {
    async fn has(&self, wanted: &[&str]) {
        for _ in 0..500 {
            if *self.names.lock() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(*self.names.lock(), wanted);
    }

    async fn remembers(&self, validity: u32, uid: u32) {
        for _ in 0..500 {
            let position = self.position.lock().clone().unwrap_or_default();
            if (&position["validity"], &position["uid"]) == (&json!(validity), &json!(uid)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.position.lock());
    }
}

fn running(ctx: crate::Context, store: &Arc<Store>) -> tokio::task::JoinHandle<SendError> {
    let store = Arc::clone(store);
    tokio::spawn(async move { mailbox().run(&ctx, &*store).await.unwrap_err() })
}

#[tokio::test]
async fn what_is_new_is_stored_before_it_is_remembered() {
    let (server, store) = (Server::start(7).await, Arc::new(Store::default()));
    server.put(3, "old");
    let session = running(server.context(json!({})), &store);
    store.remembers(7, 3).await;
    server.put(4, "first");
    server.put(9, "second");
    store.has(&["first", "second"]).await;
    store.remembers(7, 9).await;

    // the store goes away: the session ends, nothing is remembered, and the mail comes again
    *store.is_away.lock() = true;
    server.put(10, "third");
    let error = session.await.unwrap();
    assert_eq!((error.class, error.code.as_str()), (SendErrorClass::Unavailable, "not_stored"));
    store.remembers(7, 9).await;
    *store.is_away.lock() = false;
    let session = running(server.context(json!({})), &store);
    store.has(&["first", "second", "third"]).await;
    session.abort();
}

#[tokio::test]
async fn a_folder_that_is_numbered_anew_is_read_again() {
    let (server, store) = (Server::start(8).await, Arc::new(Store::default()));
    *store.position.lock() =
        Some(json!({"validity": 7, "uid": 500, "at": model::Clock::now(&model::SystemClock)}));
    server.put(1, "known");
    server.put(2, "unknown");
    let session = running(server.context(json!({})), &store);
    store.has(&["known", "unknown"]).await;
    store.remembers(8, 2).await;
    session.abort();
}

#[tokio::test]
async fn numbers_of_another_mailbox_mean_nothing() {
    let (server, store) = (Server::start(7).await, Arc::new(Store::default()));
    let at = model::Clock::now(&model::SystemClock);
    *store.position.lock() =
        Some(json!({"of": "me@elsewhere:993/INBOX", "validity": 7, "uid": 500, "at": at}));
    server.put(3, "of before");
    let session = running(server.context(json!({})), &store);
    store.remembers(7, 3).await;
    server.put(4, "new");
    store.has(&["new"]).await;
    session.abort();
}

#[tokio::test]
async fn older_mails_are_taken_in_where_the_channel_says_so() {
    let (server, store) = (Server::start(7).await, Arc::new(Store::default()));
    server.put(3, "old");
    let session = running(server.context(json!({"import_days": 30})), &store);
    store.has(&["old"]).await;
    session.abort();
}

#[tokio::test]
async fn what_a_person_must_mend_is_told_apart() {
    let (server, store) = (Server::start(7).await, Arc::new(Store::default()));
    let wrong = |field: &str, value: Value| {
        let ctx = server.context(json!({}));
        let mut channel = (*ctx.channel).clone();
        let mut credentials = channel.credentials.expose().clone();
        credentials[field] = value;
        channel.credentials = crate::Secrets::new(credentials);
        local_context(&*mailbox(), channel)
    };
    let class = async |ctx| running(ctx, &store).await.unwrap().class;
    let password = wrong("imap_password", "another".into());
    assert_eq!(class(password).await, SendErrorClass::Settings(SettingsProblem::Auth));
    let folder = server.context(json!({"imap_folder": "Nowhere"}));
    assert_eq!(class(folder).await, SendErrorClass::Settings(SettingsProblem::Config));
    assert_eq!(class(wrong("imap_port", 1.into())).await, SendErrorClass::Unavailable);
}
