//! What can be typed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

/// A hub through which an organisation talks with its customers.
///
/// Without a command it serves. Answers go to standard output as JSON, logs to standard error.
#[derive(Debug, Clone, Parser)]
#[command(name = "turumba", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The command given, else to serve.
    pub fn chosen(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve(ServeArgs::default()))
    }

    /// What was typed, as the configuration takes it.
    pub fn flags(&self) -> Flags {
        let mut flags = self.globals.flags();
        if let Command::Serve(ServeArgs { roles: Some(roles), .. }) = self.chosen() {
            flags.values.push(("roles".to_owned(), roles));
        }
        flags
    }
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Globals {
    /// Address and port to listen on
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// The folder with everything that this hub keeps
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The settings' file, instead of turumba.toml here or in the data directory
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Globals {
    /// As the configuration takes them.
    pub fn flags(&self) -> Flags {
        let listen = self.listen.map(|listen| ("listen".to_owned(), listen.to_string()));
        let data_dir = self.data_dir.as_ref();
        let data_dir = data_dir.map(|dir| ("data_dir".to_owned(), dir.to_string_lossy().into_owned()));
        Flags { file: self.config.clone(), values: listen.into_iter().chain(data_dir).collect() }
    }
}

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Run the hub (also when no command is given)
    Serve(ServeArgs),
    /// Print the settings in force and where each came from, secrets masked
    Config,
    /// Accounts (organisations)
    #[command(subcommand)]
    Account(AccountCommand),
    /// Users
    #[command(subcommand)]
    User(UserCommand),
    /// Keys that sign tokens
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Work that was given up on
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Write everything into one file, also while a hub runs
    Backup(BackupArgs),
    /// Fill an empty data directory from a backup
    Restore {
        /// What turumba backup wrote
        file: PathBuf,
    },
    /// Carry the private database to a PostgreSQL of your own
    Move(MoveArgs),
    /// Look at everything that a hub needs, and say what to do where something is missing
    Doctor,
    /// Print the OpenAPI document, of REST
    Openapi,
    /// Print the AsyncAPI document, of the sockets
    Asyncapi,
    /// Demonstration data
    #[command(subcommand)]
    Demo(DemoCommand),
}

#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Make a demo account with agents, bot rules and channels if the store is empty, and print where to go
    #[arg(long)]
    pub demo: bool,
    /// What this hub does, of api, realtime, webhooks, relay and workers (or workers:NAME); without it, all
    #[arg(long, value_name = "LIST")]
    pub roles: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// The file to write; without it, one named by the time in the folder of backups
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Leave the secret key out; then it has to be given when the backup is restored
    #[arg(long)]
    pub without_key: bool,
}

#[derive(Clone, Args)]
#[group(required = true, multiple = false)]
pub struct MoveArgs {
    /// The empty database to fill; its password may come from PGPASSWORD
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Call off a move that has not ended
    #[arg(long)]
    pub give_up: bool,
}

impl std::fmt::Debug for MoveArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MoveArgs(…)")
    }
}

#[derive(Debug, Clone, Subcommand)]
pub enum AccountCommand {
    /// Make an account with a verified owner; prints their ids
    Create {
        /// The organisation's name
        #[arg(long)]
        name: String,
        /// The owner's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        password: PasswordArg,
    },
    /// Set how many messages an account may send, beside replies; what is not given is no limit
    Quota {
        /// The account's id; not needed while there is only one
        #[arg(long)]
        account: Option<String>,
        /// Messages a day (UTC)
        #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
        daily: Option<i32>,
        /// Messages a month
        #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
        monthly: Option<i32>,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Make a user and give them a role in an account
    Create {
        #[arg(long)]
        email: String,
        /// The name that colleagues see
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: PasswordArg,
        /// The account's id; not needed while there is only one
        #[arg(long)]
        account: Option<String>,
        /// The role's name
        #[arg(long, default_value = "agent")]
        role: String,
    },
    /// List users, of one account or of all
    List {
        /// The account's id
        #[arg(long)]
        account: Option<String>,
    },
    /// Set a password; ends the user's sessions
    SetPassword {
        #[arg(long)]
        email: String,
        #[command(flatten)]
        password: PasswordArg,
    },
    /// Deactivate a user; ends their sessions
    Deactivate {
        #[arg(long)]
        email: String,
    },
}

/// A password; other users of the machine can read a command's arguments, so it may come by standard input.
#[derive(Clone, Args)]
#[group(required = true, multiple = false)]
pub struct PasswordArg {
    /// The password
    #[arg(long)]
    password: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArg {
    /// The password, read from standard input if so asked; without its line end.
    pub fn read(&self) -> std::io::Result<String> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl std::fmt::Debug for PasswordArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordArg(…)")
    }
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum KeysCommand {
    /// Sign with a new key; tokens of the old one stay valid until they expire
    Rotate,
}

#[derive(Debug, Clone, Subcommand)]
pub enum QueueCommand {
    /// List parked work with its reasons
    Parked {
        /// Only this queue
        #[arg(long)]
        queue: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Put parked work back, by id, by queue, or all of it
    Requeue {
        /// Ids as `queue parked` lists them
        #[arg(required_unless_present_any = ["queue", "all"], conflicts_with_all = ["queue", "all"])]
        ids: Vec<String>,
        /// Everything of this queue
        #[arg(long, conflicts_with = "all")]
        queue: Option<String>,
        /// Everything
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DemoCommand {
    /// Make the demo account if the store is empty
    Seed,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_typed_serves_and_flags_stand_anywhere() {
        let cli = Cli::parse_from(["turumba"]);
        assert!(matches!(cli.chosen(), Command::Serve(ServeArgs { demo: false, roles: None })));
        let cli = Cli::parse_from(["turumba", "config", "--listen", "127.0.0.1:9", "--data-dir", "/d"]);
        let values = cli.globals.flags().values;
        assert_eq!(
            values,
            [("listen", "127.0.0.1:9"), ("data_dir", "/d")].map(|(k, v)| (k.into(), v.into()))
        );
    }

    #[test]
    fn passwords_are_needed_once_and_not_shown() {
        let create = ["turumba", "account", "create", "--name", "N", "--email", "a@b.c"];
        assert!(Cli::try_parse_from(create).is_err());
        let cli = Cli::try_parse_from(create.iter().chain(&["--password", "hunter2"])).unwrap();
        assert!(!format!("{cli:?}").contains("hunter2"));
    }

    #[test]
    fn requeue_needs_to_know_what() {
        assert!(Cli::try_parse_from(["turumba", "queue", "requeue"]).is_err());
        assert!(Cli::try_parse_from(["turumba", "queue", "requeue", "--all"]).is_ok());
        assert!(Cli::try_parse_from(["turumba", "queue", "requeue", "1", "2"]).is_ok());
    }
}
