//! The web apps as they were built: in a release a part of the binary, in a debug build read from where they
//! lie, so that a new build of them needs none of the hub.

use rust_embed::Embed;

use super::asset::Asset;

/// The agents' inbox.
#[derive(Embed)]
#[folder = "../inbox/web/dist"]
#[allow_missing = true]
struct Inbox;

/// The customers' widget and the demo's shop.
#[derive(Embed)]
#[folder = "../widget/dist"]
#[allow_missing = true]
struct Widget;

pub fn inbox(path: &str) -> Option<Asset> {
    asset::<Inbox>(path)
}

pub fn widget(path: &str) -> Option<Asset> {
    asset::<Widget>(path)
}

fn asset<E: Embed>(path: &str) -> Option<Asset> {
    let file = E::get(path)?;
    Some(Asset::file(path, file.data.into_owned(), file.metadata.sha256_hash()))
}
