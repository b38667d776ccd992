//! Visitors of a web chat: who they are, how they come back, and what they may see before that.
//!
//! A visitor is a browser. It proves its return with a secret that it got once; the visitor's id alone
//! makes a new one. The page around the chat may vouch for its signed-in user with a signature under
//! the channel's identity secret; what a visitor merely claims never joins contacts and never shows
//! another's history.

mod channel;
mod proof;
#[cfg(test)]
mod tests;
mod token;
mod visitor;

pub use channel::{ChatChannel, ChatConfig, by_id, by_public_key, config};
pub use proof::{Identity, Proven};
pub use token::authenticate;
pub use visitor::{
    IdentifyCommand, NewSession, PageView, Session, VisitorView, identify, page, session, view,
};
