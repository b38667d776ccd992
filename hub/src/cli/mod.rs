//! The command line: answers go to standard output as JSON, logs and errors to standard error.

pub mod args;
mod commands;
mod log;
mod queue;

use std::process::ExitCode;

use args::{Cli, Command, DemoCommand, MoveArgs};
use serde::Serialize;

use crate::{
    backup,
    config::{Config, ConfigError},
    doctor,
    house::House,
    moving,
    realtime::asyncapi,
    rest, serve,
};

/// The settings were refused.
const BAD_SETTINGS: u8 = 2;

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(chosen(cli));
    // what is still blocked in the background is not waited for
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&error));
            if error.is::<ConfigError>() { ExitCode::from(BAD_SETTINGS) } else { ExitCode::FAILURE }
        }
    }
}

async fn chosen(cli: Cli) -> anyhow::Result<()> {
    match cli.chosen() {
        Command::Openapi => return print(&rest::document()),
        Command::Asyncapi => return print(&asyncapi::document()),
        _ => {}
    }
    let config = Config::load(&cli.flags())?;
    let serves = matches!(cli.chosen(), Command::Serve(_));
    log::start(&config.log, serves);
    match cli.chosen() {
        Command::Serve(args) => serve::run(config, &args).await,
        Command::Config => print(&config.report()),
        Command::Openapi | Command::Asyncapi => Ok(()),
        Command::Restore { file } => print(&backup::restore(&config, file).await?),
        Command::Move(MoveArgs { to: Some(url), .. }) => print(&moving::carry(&config, &url).await?),
        Command::Move(MoveArgs { to: None, .. }) => print(&moving::give_up(&config).await?),
        Command::Doctor => {
            let (report, works) = doctor::examine(&config).await;
            print(&report)?;
            anyhow::ensure!(works, "a hub does not work like this; the report says what to do");
            Ok(())
        }
        command => {
            let house = House::of_command(&config).await?;
            let answer = answer(&config, &house, command).await;
            house.close().await;
            print(&answer?)
        }
    }
}

async fn answer(config: &Config, house: &House, command: Command) -> anyhow::Result<serde_json::Value> {
    let inbox = &house.inbox;
    match command {
        Command::Account(command) => commands::account(config, inbox, command).await,
        Command::User(command) => commands::user(config, inbox, command).await,
        Command::Keys(command) => commands::keys(inbox, command).await,
        Command::Queue(command) => queue::run(inbox, command).await,
        Command::Demo(DemoCommand::Seed) => commands::demo(config, inbox).await,
        Command::Backup(args) => {
            backup::command(&backup::Source::of(house, config), args.to, !args.without_key).await
        }
        Command::Serve(_)
        | Command::Config
        | Command::Restore { .. }
        | Command::Move(_)
        | Command::Doctor
        | Command::Openapi
        | Command::Asyncapi => Ok(serde_json::Value::Null),
    }
}

fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(answer)?);
    Ok(())
}

/// An error and its causes on one line. Many libraries repeat the cause in their own text; it is told once.
fn told(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        match told.as_str() {
            "" => cause,
            before if before.contains(&cause) => told,
            before => format!("{before}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cause_is_told_once() {
        let io = std::io::Error::other("refused");
        let error = anyhow::Error::new(io).context("no connection: refused").context("DATABASE_URL");
        assert_eq!(super::told(&error), "DATABASE_URL: no connection: refused");
    }
}
