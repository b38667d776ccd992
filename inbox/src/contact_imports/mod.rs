//! Contacts from a CSV file: looked at first, then read piece by piece.
//!
//! Each chunk is one transaction with the contacts that it makes and how far it came, so an import that was
//! cut off goes on where it was and makes nobody twice.

mod chunk;
mod entity;
mod mapping;
#[cfg(test)]
mod tests;
pub mod work;

pub use entity::{
    ENTITY, HEADER, ImportPreview, ImportPreviewRequest, ImportView, NewImport, cancel, create, errors_csv,
    get, list, preview,
};
