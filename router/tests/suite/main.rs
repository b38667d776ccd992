//! The bot and the assigner on a real store: from a customer's message to an agent.

mod assigning;
mod bot;
mod fixture;
