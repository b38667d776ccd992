//! The RSA keys that sign access tokens: made by the hub, sealed in its database, published as a JWK
//! set (RFC 7517), rotated by command. A retired key goes on verifying until its last token has ended.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bus::{Outcome, Scope, Task, Tx};
use jsonwebtoken::{DecodingKey, EncodingKey};
use model::{Error, Result, Time};
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Inbox, SecretBox};

/// How long a retired key still verifies: a token's life, and the time other nodes take to learn of it.
const RETIRED_FOR: Duration = Duration::from_mins(20);
/// How old a node's view of the keys may be.
const FRESH: Duration = Duration::from_mins(1);
/// A token with an unknown key id makes a node look again, but not more often than this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Any number, the same in all nodes: who makes the first key holds this lock.
const LOCK: i64 = 0x7475_7275_6b65_7973;

/// The keys as one node knows them.
pub(super) struct KeyRing {
    pub(super) kid: String,
    pub(super) signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    jwks: Value,
    loaded: Instant,
}

impl KeyRing {
    pub(super) fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.get(kid)
    }
}

/// Keeps the ring and loads it when it is old.
#[derive(Default)]
pub(super) struct Keys {
    ring: RwLock<Option<Arc<KeyRing>>>,
    loading: Mutex<()>,
}

impl Keys {
    /// The ring, at most a minute old.
    pub(super) async fn ring(&self, inbox: &Inbox) -> Result<Arc<KeyRing>> {
        self.not_older_than(inbox, FRESH).await
    }

    /// The ring with `kid` in it, if there is such a key.
    pub(super) async fn ring_with(&self, inbox: &Inbox, kid: &str) -> Result<Arc<KeyRing>> {
        let ring = self.ring(inbox).await?;
        if ring.verifying(kid).is_some() {
            return Ok(ring);
        }
        self.not_older_than(inbox, LOOK_AGAIN).await
    }

    async fn not_older_than(&self, inbox: &Inbox, age: Duration) -> Result<Arc<KeyRing>> {
        let fresh = |ring: &Option<Arc<KeyRing>>| {
            ring.as_ref().filter(|ring| ring.loaded.elapsed() < age).map(Arc::clone)
        };
        if let Some(ring) = fresh(&self.ring.read()) {
            return Ok(ring);
        }
        let _one_loads = self.loading.lock().await;
        if let Some(ring) = fresh(&self.ring.read()) {
            return Ok(ring);
        }
        let ring = Arc::new(load(inbox).await?);
        *self.ring.write() = Some(Arc::clone(&ring));
        Ok(ring)
    }

    fn forget(&self) {
        *self.ring.write() = None;
    }
}

/// The public halves of all keys that still verify, as a JWK set.
pub async fn jwks(inbox: &Inbox) -> Result<Value> {
    Ok(inbox.identity().keys.ring(inbox).await?.jwks.clone())
}

/// Whether the secret key opens what is sealed in the store; nothing sealed yet is fine.
pub async fn check(inbox: &Inbox) -> Result<()> {
    let newest = inbox
        .store()
        .read(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("SELECT id, sealed FROM signing_keys ORDER BY created_at DESC LIMIT 1")
                .fetch_optional(&mut *tx)
                .await?)
        })
        .await?;
    newest.map_or(Ok(()), |key| inbox.secrets().open(&place(key.id), &key.sealed).map(drop))
}

/// Makes a new signing key and retires the ones before it. Returns the new key's id.
pub async fn rotate(inbox: &Inbox) -> Result<String> {
    let fresh = NewKey::make(inbox.secrets()).await?;
    let (fresh, now) = (&fresh, inbox.now());
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            lock(&mut tx).await?;
            sqlx::query!("UPDATE signing_keys SET retired_at = $1 WHERE retired_at IS NULL", now)
                .execute(&mut *tx)
                .await?;
            fresh.insert(&mut tx, now).await
        })
        .await?;
    inbox.identity().keys.forget();
    Ok(fresh.id.to_string())
}

/// Deletes keys whose last token has ended.
pub async fn expire(inbox: &Inbox) -> Result<u64> {
    let end = inbox.now() - RETIRED_FOR;
    let deleted = inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("DELETE FROM signing_keys WHERE retired_at < $1", end)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        })
        .await?;
    Ok(deleted)
}

async fn lock(tx: &mut Tx) -> Outcome<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", LOCK).fetch_one(&mut **tx).await?;
    Ok(())
}

struct Row {
    id: Uuid,
    sealed: Vec<u8>,
    public_jwk: Value,
    retired_at: Option<Time>,
}

async fn rows(tx: &mut Tx, end: Time) -> Outcome<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        "SELECT id, sealed, public_jwk, retired_at FROM signing_keys
         WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC, id DESC",
        end,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn load(inbox: &Inbox) -> Result<KeyRing> {
    let now = inbox.now();
    let end = now - RETIRED_FOR;
    let identity = || Scope::System(Task::Identity);
    let mut found = inbox.store().read(identity(), |mut tx| async move { rows(&mut tx, end).await }).await?;
    if !found.iter().any(|row| row.retired_at.is_none()) {
        let first = NewKey::make(inbox.secrets()).await?;
        let first = &first;
        found = inbox
            .store()
            .write(identity(), |mut tx| async move {
                lock(&mut tx).await?;
                // another node may have made it while this one waited
                if !rows(&mut tx, end).await?.iter().any(|row| row.retired_at.is_none()) {
                    first.insert(&mut tx, now).await?;
                }
                rows(&mut tx, end).await
            })
            .await?;
    }
    let active = found
        .iter()
        .find(|row| row.retired_at.is_none())
        .ok_or_else(|| Error::internal("there is no signing key"))?;
    let private = inbox.secrets().open(&place(active.id), &active.sealed)?;
    let mut verifying = HashMap::new();
    for row in &found {
        let part = |name: &str| row.public_jwk[name].as_str().unwrap_or_default();
        let key = DecodingKey::from_rsa_components(part("n"), part("e")).map_err(Error::internal)?;
        verifying.insert(row.id.to_string(), key);
    }
    Ok(KeyRing {
        kid: active.id.to_string(),
        signing: signing_key(&private)?,
        verifying,
        jwks: json!({ "keys": found.iter().map(|row| &row.public_jwk).collect::<Vec<_>>() }),
        loaded: Instant::now(),
    })
}

/// Where the private half of a key belongs.
fn place(id: Uuid) -> String {
    format!("signing-key:{id}")
}

fn signing_key(pkcs8: &[u8]) -> Result<EncodingKey> {
    let pem = Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(pkcs8)
    ));
    EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(Error::internal)
}

struct NewKey {
    id: Uuid,
    sealed: Vec<u8>,
    public_jwk: Value,
}

impl NewKey {
    async fn make(secrets: &SecretBox) -> Result<Self> {
        let (private, n, e) = tokio::task::spawn_blocking(|| {
            let pair = KeyPair::generate(KeySize::Rsa2048)?;
            let private: Pkcs8V1Der<'_> = pair.as_der()?;
            let private = Zeroizing::new(private.as_ref().to_vec());
            let public = pair.public_key();
            let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let n = part(public.modulus().big_endian_without_leading_zero());
            let e = part(public.exponent().big_endian_without_leading_zero());
            Ok::<_, aws_lc_rs::error::Unspecified>((private, n, e))
        })
        .await
        .map_err(Error::internal)?
        .map_err(|_| Error::internal("no RSA key could be made"))?;
        let id = Uuid::now_v7();
        let public_jwk = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id.to_string(), "n": n, "e": e,
        });
        Ok(Self { id, sealed: secrets.seal(&place(id), &private)?, public_jwk })
    }

    async fn insert(&self, tx: &mut Tx, now: Time) -> Outcome<()> {
        sqlx::query!(
            "INSERT INTO signing_keys (id, sealed, public_jwk, created_at) VALUES ($1, $2, $3, $4)",
            self.id,
            self.sealed,
            self.public_jwk,
            now,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
