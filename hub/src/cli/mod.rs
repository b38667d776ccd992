//! The command line: answers go to standard output as JSON, logs and errors to standard error.

pub mod args;
mod commands;
mod log;

use std::process::ExitCode;

use args::{Cli, Command, DemoCommand};
use serde::Serialize;

use crate::{
    config::{Config, ConfigError},
    house::House,
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
            eprintln!("error: {error:#}");
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
    let config = Config::load(&cli.globals.flags())?;
    let serves = matches!(cli.chosen(), Command::Serve(_));
    log::start(&config.log, serves);
    match cli.chosen() {
        Command::Serve(args) => serve::run(config, &args).await,
        Command::Config => print(&config.report()),
        Command::Openapi | Command::Asyncapi => Ok(()),
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
        Command::Queue(command) => commands::queue(inbox, command).await,
        Command::Demo(DemoCommand::Seed) => commands::demo(config, inbox).await,
        Command::Serve(_) | Command::Config | Command::Openapi | Command::Asyncapi => {
            Ok(serde_json::Value::Null)
        }
    }
}

fn print(answer: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(answer)?);
    Ok(())
}
