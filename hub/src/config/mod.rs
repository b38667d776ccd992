//! The hub's settings: `turumba.toml`, environment, flags.
//!
//! Flags win over the environment, the environment over the file, the file over defaults. Every key of the file has a
//! variable (`sockets.ping_interval` is `TURUMBA_SOCKETS_PING_INTERVAL`); unknown keys and bad values are refused by
//! name, all at once, before anything starts. `docs/configuration.md` lists every key; a test compares.

mod layers;
mod roles;
mod sections;
mod value;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use self::layers::Layers;
pub use self::{
    layers::{InForce, Source, env_name},
    roles::{Roles, Worker},
    sections::{
        Auth, Backup, Database, Dispatch, Drain, Http, Limits, Log, Metrics, Presence, Retention, Sockets,
        Uploads, Webhooks,
    },
    value::{
        Bytes, FilesUrl, LogFilter, LogFormat, MetricsToken, Networks, OutboundAllow, PublicUrl, ServiceUrl,
        Setting,
    },
};
use crate::boot::{postgres, secrets::SecretKey};

/// The variable that names the file, as `--config` does.
pub const FILE_VARIABLE: &str = "TURUMBA_CONFIG";

/// Settings that cannot be used; every problem, one a line.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is refused:\n  {}", problems.join("\n  "))]
pub struct ConfigError {
    pub problems: Vec<String>,
}

/// What the command line says about settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`: the file to read.
    pub file: Option<PathBuf>,
    /// Keys (as in the file, `sockets.ping_interval`) with their text.
    pub values: Vec<(String, String)>,
}

/// Every setting in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// What this hub does of all that has to be done.
    pub roles: Roles,
    /// Where the hub listens.
    pub listen: SocketAddr,
    /// The folder with everything that this hub keeps.
    pub data_dir: PathBuf,
    /// The base of every absolute address: webhooks, callbacks, snippets, links.
    pub public_url: PublicUrl,
    /// Whose forwarded headers count.
    pub trusted_proxies: Networks,
    /// Private hosts that outgoing requests may reach.
    pub outbound_allow: OutboundAllow,
    /// PostgreSQL's programs; searched for where missing.
    pub postgres_bin: Option<PathBuf>,
    /// The key that seals secrets; see `boot::secrets`.
    pub secret_key: Option<SecretKey>,
    /// The operator's database instead of the private one.
    pub database_url: Option<ServiceUrl>,
    /// Lists are read from it while it is up to date.
    pub database_replica_url: Option<ServiceUrl>,
    /// What joins several hubs on one database.
    pub redis_url: Option<ServiceUrl>,
    /// What carries pointers to work.
    pub amqp_url: Option<ServiceUrl>,
    /// The folder of files instead of the one in the data directory.
    pub files_url: Option<FilesUrl>,
    pub log: Log,
    pub database: Database,
    pub http: Http,
    pub webhooks: Webhooks,
    pub limits: Limits,
    pub auth: Auth,
    pub sockets: Sockets,
    pub presence: Presence,
    pub uploads: Uploads,
    pub dispatch: Dispatch,
    pub retention: Retention,
    pub backup: Backup,
    pub drain: Drain,
    pub metrics: Metrics,
    file: Option<PathBuf>,
    in_force: BTreeMap<&'static str, InForce>,
}

impl Config {
    /// Reads the settings of this process.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let variables = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.to_string_lossy().into_owned())))
            .collect();
        let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        Self::from_parts(flags, &variables, &here)
    }

    /// Names the address that the system gave where `listen` left it the choice of a port.
    pub fn listens_on(&mut self, address: SocketAddr) {
        if self.public_url == PublicUrl::of(self.listen) {
            self.public_url = PublicUrl::of(address);
        }
        self.listen = address;
    }

    /// Reads them from a given environment and working directory.
    pub fn from_parts(
        flags: &Flags,
        variables: &BTreeMap<String, String>,
        here: &Path,
    ) -> Result<Self, ConfigError> {
        let mut layers = Layers::default();
        let set = |key: &str, variable: &str| {
            let flag = flags.values.iter().rev().find(|(name, _)| name == key).map(|(_, text)| text);
            flag.or_else(|| variables.get(variable).filter(|text| !text.is_empty())).map(PathBuf::from)
        };
        let default_data_dir = default_data_dir(variables);
        let named = flags.file.clone().or_else(|| set("", FILE_VARIABLE));
        let data_dir = set("data_dir", "TURUMBA_DATA_DIR").or_else(|| default_data_dir.clone());
        let file = layers::find_file(named.as_deref(), here, data_dir.as_deref());
        if let Some(file) = &file {
            layers.add_file(file);
        }
        layers.add_environment(variables, &keys());
        for (key, text) in &flags.values {
            layers.add_flag(key, text);
        }
        Self::read(layers, default_data_dir, file)
    }

    fn read(
        mut layers: Layers,
        default_data_dir: Option<PathBuf>,
        file: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let l = &mut layers;
        let listen =
            l.take_any("listen", "Address and port to listen on.", (Ipv4Addr::LOCALHOST, 8080).into());
        let roles = l.take_any("roles", "What this hub does of all that has to be done.", Roles::all());
        let data_dir: Option<PathBuf> =
            l.take_any("data_dir", "The folder with everything that this hub keeps.", default_data_dir);
        let public_url: Option<PublicUrl> = l.take_any(
            "public_url",
            "The base of every absolute address (webhooks, callbacks, links).",
            None,
        );
        let public_url = public_url.unwrap_or_else(|| PublicUrl::of(listen));
        l.show_worked_out("public_url", &public_url);
        let trusted_proxies =
            l.take_any("trusted_proxies", "Proxies whose forwarded headers count.", Networks::default());
        let outbound_allow = l.take_any(
            "outbound_allow",
            "Private hosts that outgoing requests may reach.",
            OutboundAllow::default(),
        );
        let postgres_bin = l.take_any("postgres_bin", "The folder with PostgreSQL's programs.", None);
        let secret_key = l.take_any("secret_key", "The key that seals secrets in the database.", None);
        let database_url: Option<ServiceUrl> =
            l.take_any("database_url", "A PostgreSQL 15+ instead of the private one.", None);
        let database_replica_url: Option<ServiceUrl> = l.take_any(
            "database_replica_url",
            "A replica of that PostgreSQL, from which lists are read.",
            None,
        );
        if database_replica_url.is_some() && database_url.is_none() {
            l.problem(
                "DATABASE_REPLICA_URL names a replica of the database of DATABASE_URL, which is not set"
                    .into(),
            );
        }
        let redis_url: Option<ServiceUrl> =
            l.take_any("redis_url", "Redis 6+, which joins several hubs on one database.", None);
        let amqp_url: Option<ServiceUrl> =
            l.take_any("amqp_url", "RabbitMQ, which carries pointers to work between hubs.", None);
        let files_url =
            l.take_any("files_url", "A folder or a bucket for files, shared by several hubs.", None);
        if let Some(Err(error)) = redis_url.as_ref().map(|url| bus::redis::Server::from_url(url.reveal())) {
            l.problem(format!("REDIS_URL cannot be used: {error}"));
        }
        let is_amqp =
            |url: &ServiceUrl| ["amqp://", "amqps://"].iter().any(|scheme| url.reveal().starts_with(scheme));
        if amqp_url.as_ref().is_some_and(|url| !is_amqp(url)) {
            l.problem(
                "AMQP_URL must begin with amqp:// or amqps://, as in amqp://user:password@host:5672/vhost"
                    .to_owned(),
            );
        }
        if data_dir.is_none() {
            l.problem(
                "TURUMBA_DATA_DIR is not set, and there is no home directory to put data in".to_owned(),
            );
        }
        let dispatch = Dispatch::read(l);
        let (log, database, http, webhooks) =
            (Log::read(l), Database::read(l), Http::read(l), Webhooks::read(l));
        let (limits, auth, sockets, presence) =
            (Limits::read(l), Auth::read(l), Sockets::read(l), Presence::read(l));
        let (uploads, retention, backup, drain, metrics) =
            (Uploads::read(l), Retention::read(l), Backup::read(l), Drain::read(l), Metrics::read(l));
        let in_force = layers.finish().map_err(|problems| ConfigError { problems })?;
        Ok(Self {
            roles,
            listen,
            data_dir: data_dir.unwrap_or_default(),
            public_url,
            trusted_proxies,
            outbound_allow,
            postgres_bin,
            secret_key,
            database_url,
            database_replica_url,
            redis_url,
            amqp_url,
            files_url,
            log,
            database,
            http,
            webhooks,
            limits,
            auth,
            sockets,
            presence,
            uploads,
            dispatch,
            retention,
            backup,
            drain,
            metrics,
            file,
            in_force,
        })
    }

    /// What is in force and where it came from, secrets masked: the output of `turumba config`.
    pub fn report(&self) -> Value {
        json!({
            "file": self.file.as_ref().map(|file| file.display().to_string()),
            "settings": self.in_force,
        })
    }

    /// How the private database is to be run: with room for this hub's connections and a few commands beside it.
    pub fn private_postgres(&self) -> postgres::Options {
        let pools = self.database.app_connections + self.database.system_connections;
        postgres::Options {
            postgres_bin: self.postgres_bin.clone(),
            max_connections: u16::try_from(pools + 14).unwrap_or(u16::MAX),
            ..postgres::Options::default()
        }
    }

    /// Where a key's value came from.
    pub fn source(&self, key: &str) -> Source {
        self.in_force.get(key).map_or(Source::Default, |shown| shown.source)
    }
}

/// Every setting with its default, for the documentation.
pub fn catalogue() -> BTreeMap<&'static str, InForce> {
    let data_dir = Some(PathBuf::from("~/.local/share/turumba"));
    Config::read(Layers::default(), data_dir, None).map(|config| config.in_force).unwrap_or_default()
}

fn keys() -> Vec<&'static str> {
    catalogue().into_keys().collect()
}

/// `/var/lib/turumba` for root, else the user's data folder.
fn default_data_dir(variables: &BTreeMap<String, String>) -> Option<PathBuf> {
    if nix::unistd::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/turumba"));
    }
    let folder = |name: &str| variables.get(name).filter(|text| text.starts_with('/')).map(PathBuf::from);
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("turumba"))
}
