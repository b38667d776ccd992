//! What stops being true of people who are signed in: sessions that ended, roles that changed. Each is
//! a numbered row, written in the transaction that changes it; every node reads on from the number it
//! knows, within a second, drops what it has cached and tells whoever holds sockets.

use std::{collections::BTreeMap, time::Duration};

use bus::{Outcome, Scope, Task, Tx, nudge::Nudge};
use model::{AccountId, ApiKeyId, SessionId, Time, UserId, text_enum};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Inbox;

/// How often the rows are looked at without a nudge: other nodes' and the command line's.
const POLL: Duration = Duration::from_millis(800);
/// How late a row may appear below a number that was seen: longer than any transaction may take.
const LATE: chrono::Duration = chrono::Duration::minutes(2);
/// How long rows are kept.
const KEPT: chrono::Duration = chrono::Duration::days(1);

text_enum! {
    /// The kinds of revocation, as they are stored.
    pub enum RevocationKind {
        Session = "session",
        User = "user",
        Membership = "membership",
        Role = "role",
        Teams = "teams",
        ApiKey = "api_key",
        Account = "account",
    }
}

/// Something that no longer holds. What was derived from it (a cached [`crate::Context`], a socket's
/// [`crate::Member`]) is derived anew with [`super::renew`], or ended if that refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revocation {
    /// The sign-in ended: its sockets close.
    Session {
        user_id: UserId,
        session_id: SessionId,
    },
    /// Everything of this user ended: deactivated, or the password was changed.
    User {
        user_id: UserId,
    },
    /// The user was taken into the account, or out of it.
    Membership {
        account_id: AccountId,
        user_id: UserId,
    },
    /// The user's role in the account, or its permissions, changed.
    Role {
        account_id: AccountId,
        user_id: UserId,
    },
    /// The user's teams changed.
    Teams {
        account_id: AccountId,
        user_id: UserId,
    },
    ApiKey {
        account_id: AccountId,
        api_key_id: ApiKeyId,
    },
    /// Settings of the account that decide who sees what, or its suspension.
    Account {
        account_id: AccountId,
    },
}

impl Revocation {
    #[must_use]
    pub fn kind(&self) -> RevocationKind {
        match self {
            Self::Session { .. } => RevocationKind::Session,
            Self::User { .. } => RevocationKind::User,
            Self::Membership { .. } => RevocationKind::Membership,
            Self::Role { .. } => RevocationKind::Role,
            Self::Teams { .. } => RevocationKind::Teams,
            Self::ApiKey { .. } => RevocationKind::ApiKey,
            Self::Account { .. } => RevocationKind::Account,
        }
    }

    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match *self {
            Self::Session { user_id, .. }
            | Self::User { user_id }
            | Self::Membership { user_id, .. }
            | Self::Role { user_id, .. }
            | Self::Teams { user_id, .. } => Some(user_id),
            Self::ApiKey { .. } | Self::Account { .. } => None,
        }
    }

    #[must_use]
    pub fn account_id(&self) -> Option<AccountId> {
        match *self {
            Self::Membership { account_id, .. }
            | Self::Role { account_id, .. }
            | Self::Teams { account_id, .. }
            | Self::ApiKey { account_id, .. }
            | Self::Account { account_id } => Some(account_id),
            Self::Session { .. } | Self::User { .. } => None,
        }
    }

    /// Whether it concerns what this caller was found to be.
    #[must_use]
    pub fn concerns(&self, context: &crate::Context) -> bool {
        match *self {
            Self::Session { session_id, .. } => context.proof() == crate::Proof::Session(session_id),
            Self::ApiKey { api_key_id, .. } => context.proof() == crate::Proof::ApiKey(api_key_id),
            Self::Account { account_id } => {
                context.members().iter().any(|member| member.account_id() == account_id)
            }
            Self::User { user_id }
            | Self::Membership { user_id, .. }
            | Self::Role { user_id, .. }
            | Self::Teams { user_id, .. } => context.user_id() == user_id,
        }
    }

    fn of(row: &Row) -> Option<Self> {
        let user_id = row.user_id.map(UserId);
        let account_id = row.account_id.map(AccountId);
        Some(match row.kind.parse().ok()? {
            RevocationKind::Session => {
                Self::Session { user_id: user_id?, session_id: SessionId(row.session_id?) }
            }
            RevocationKind::User => Self::User { user_id: user_id? },
            RevocationKind::Membership => Self::Membership { account_id: account_id?, user_id: user_id? },
            RevocationKind::Role => Self::Role { account_id: account_id?, user_id: user_id? },
            RevocationKind::Teams => Self::Teams { account_id: account_id?, user_id: user_id? },
            RevocationKind::ApiKey => {
                Self::ApiKey { account_id: account_id?, api_key_id: ApiKeyId(row.api_key_id?) }
            }
            RevocationKind::Account => Self::Account { account_id: account_id? },
        })
    }
}

/// Writes a revocation in the transaction that causes it. After the commit the caller drops what this
/// node has cached with [`applied`].
pub async fn record(tx: &mut Tx, revocation: Revocation) -> Outcome<()> {
    let (session_id, api_key_id) = match revocation {
        Revocation::Session { session_id, .. } => (Some(session_id.uuid()), None),
        Revocation::ApiKey { api_key_id, .. } => (None, Some(api_key_id.uuid())),
        _ => (None, None),
    };
    sqlx::query!(
        "INSERT INTO revocations (kind, user_id, session_id, account_id, api_key_id)
         VALUES ($1, $2, $3, $4, $5)",
        revocation.kind().as_str(),
        revocation.user_id().map(UserId::uuid),
        session_id,
        revocation.account_id().map(AccountId::uuid),
        api_key_id,
    )
    .execute(&mut **tx)
    .await?;
    tx.nudge_after_commit(Nudge::Revocations);
    Ok(())
}

/// Drops at once what this node has cached, so that the caller's next request is judged anew. Sockets
/// and other nodes follow by [`run`].
pub fn applied(inbox: &Inbox, revocations: &[Revocation]) {
    for revocation in revocations {
        inbox.identity().forget(revocation);
    }
}

/// Where revocations arrive, in this process.
#[derive(Debug, Clone)]
pub struct Revocations(broadcast::Sender<Revocation>);

impl Default for Revocations {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Revocations {
    /// Every revocation from now on, after the caches were cleared of it; one may come twice. Whoever
    /// falls behind (`Lagged`) renews all that they hold.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Revocation> {
        self.0.subscribe()
    }
}

struct Row {
    n: i64,
    kind: String,
    user_id: Option<Uuid>,
    session_id: Option<Uuid>,
    account_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    at: Time,
    read_at: Time,
}

/// How far one node has read. Numbers may commit out of order, so the last two minutes' rows are looked
/// at again.
#[derive(Default)]
struct Reader {
    floor: i64,
    seen: BTreeMap<i64, Time>,
}

impl Reader {
    async fn read(&mut self, inbox: &Inbox) -> Outcome<Vec<Revocation>> {
        let floor = self.floor;
        let rows = inbox
            .store()
            .read(Scope::System(Task::Identity), |mut tx| async move {
                Ok(sqlx::query_as!(
                    Row,
                    r#"SELECT n, kind, user_id, session_id, account_id, api_key_id, at,
                              clock_timestamp() AS "read_at!"
                       FROM revocations WHERE n > $1 ORDER BY n"#,
                    floor,
                )
                .fetch_all(&mut *tx)
                .await?)
            })
            .await?;
        let mut fresh = Vec::new();
        for row in &rows {
            if self.seen.insert(row.n, row.at).is_none() {
                fresh.extend(Revocation::of(row));
            }
        }
        if let Some(read_at) = rows.first().map(|row| row.read_at) {
            while let Some((&n, &at)) = self.seen.first_key_value()
                && at < read_at - LATE
            {
                self.floor = n;
                self.seen.remove(&n);
            }
        }
        Ok(fresh)
    }
}

/// Reads revocations until cancelled, clears caches and tells subscribers.
pub async fn run(inbox: Inbox, stop: CancellationToken) {
    let mut reader = Reader::default();
    loop {
        match reader.read(&inbox).await {
            Ok(fresh) => {
                for revocation in fresh {
                    inbox.identity().forget(&revocation);
                    // no subscriber: nobody is connected
                    let _no_one = inbox.revocations().0.send(revocation);
                }
            }
            Err(error) => tracing::warn!(%error, "revocations cannot be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = inbox.store().nudges().revocations().notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Deletes rows that every node has long read.
pub async fn expire(inbox: &Inbox) -> Outcome<u64> {
    let end = inbox.now() - KEPT;
    inbox
        .store()
        .write(Scope::System(Task::Identity), |mut tx| async move {
            Ok(sqlx::query!("DELETE FROM revocations WHERE at < $1", end)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        })
        .await
}
