//! Dividing messages: long texts into pieces, and a message into requests.

use model::{
    AttachmentKind,
    profile::{Profile, TextLimit},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{OutboundMessage, Part, sms};

/// Splits a text so that each piece keeps the limit. Paragraphs and lines stay whole where they can, words
/// nearly always, and what people see as one character unless it alone is too long. Only white space at
/// the seams is dropped.
pub(crate) fn split(text: &str, limit: &TextLimit) -> Vec<String> {
    let fits = |piece: &str| {
        limit.measure(piece) <= limit.max as usize
            && limit.max_segments.is_none_or(|most| sms::count(piece) <= most)
    };
    let mut pieces = Vec::new();
    let mut rest = text.trim_matches(['\n', '\r']);
    if rest.trim().is_empty() {
        return pieces;
    }
    while !fits(rest) {
        let most = longest_prefix(rest, limit.max as usize, &fits);
        let at = good_break(&rest[..most], rest[most..].starts_with(char::is_whitespace));
        let piece = rest[..at].trim_end();
        if !piece.is_empty() {
            pieces.push(piece.to_owned());
        }
        rest = rest[at..].trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// Bytes of the longest prefix that fits, ending between two graphemes; never 0.
fn longest_prefix(text: &str, max_chars: usize, fits: &dyn Fn(&str) -> bool) -> usize {
    // every unit counts a character as at least one, so no more than this many can fit
    let window = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    let graphemes = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    let ends: Vec<usize> = graphemes.take_while(|end| *end <= window).collect();
    let fitting = ends.partition_point(|end| fits(&text[..*end]));
    if let Some(at) = fitting.checked_sub(1) {
        return ends[at];
    }
    // one grapheme of many marks: cut between its characters
    let ends: Vec<usize> = text[..window].char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let fitting = ends.partition_point(|end| fits(&text[..*end]));
    ends.get(fitting.saturating_sub(1)).copied().unwrap_or(text.len())
}

/// Where to cut inside a prefix that fits.
fn good_break(prefix: &str, next_is_space: bool) -> usize {
    let late_enough = |at: &usize| *at > prefix.len() / 2;
    if let Some(at) = prefix.rfind("\n\n").filter(late_enough) {
        return at;
    }
    if next_is_space {
        return prefix.len();
    }
    if let Some(at) = prefix.rfind('\n').filter(late_enough) {
        return at;
    }
    prefix.rfind(char::is_whitespace).filter(|at| *at > prefix.len() / 4).unwrap_or(prefix.len())
}

/// Each piece of text is a part and each attachment is one; a short text becomes the first one's caption.
pub(crate) fn parts(profile: &Profile, pieces: &[String], message: &OutboundMessage) -> Vec<Part> {
    let takes_caption = message.attachments.first().is_some_and(|first| {
        matches!(
            first.attachment.kind,
            AttachmentKind::Image | AttachmentKind::Video | AttachmentKind::Audio | AttachmentKind::Document
        )
    });
    let caption_fits = profile.caption_limit.is_some_and(|limit| match pieces {
        [only] => profile.text.measure(only) <= limit as usize,
        _ => false,
    });
    let mut parts: Vec<Part> = Vec::new();
    let captioned = takes_caption && caption_fits;
    if !captioned {
        for text in pieces {
            parts.push(Part { index: parts.len(), text: text.clone(), attachments: Vec::new() });
        }
    }
    for number in 0..message.attachments.len() {
        let text = if captioned && number == 0 { pieces[0].clone() } else { String::new() };
        parts.push(Part { index: parts.len(), text, attachments: vec![number] });
    }
    parts
}

#[cfg(test)]
mod tests {
    use model::profile::TextUnit;
    use proptest::prelude::*;

    use super::*;

    fn chars(max: u32) -> TextLimit {
        TextLimit::new(max, TextUnit::Chars)
    }

    #[test]
    fn paragraphs_then_lines_then_words() {
        assert_eq!(split("aaaa bbbb\n\ncccc dddd", &chars(12)), ["aaaa bbbb", "cccc dddd"]);
        assert_eq!(split("aaaa bbbb cccc", &chars(9)), ["aaaa bbbb", "cccc"]);
        assert_eq!(split("aaaaaaaaaa", &chars(4)), ["aaaa", "aaaa", "aa"]);
        assert_eq!(split("short", &chars(9)), ["short"]);
        assert!(split(" \n ", &chars(9)).is_empty());
    }

    #[test]
    fn a_family_of_four_is_not_torn_apart() {
        let family = "👨‍👩‍👧‍👦";
        let pieces = split(&format!("{family}{family}"), &chars(10));
        assert_eq!(pieces, [family, family]);
        // unless it alone is too long
        assert!(split(family, &chars(3)).iter().all(|piece| piece.chars().count() <= 3));
    }

    proptest! {
        #[test]
        fn nothing_but_space_is_lost(text in "(\\PC|\n| ){0,400}", max in 1u32..60) {
            for unit in [TextUnit::Chars, TextUnit::Utf16, TextUnit::Bytes] {
                let limit = TextLimit::new(max.max(4), unit);
                let pieces = split(&text, &limit);
                let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                prop_assert!(pieces.iter().all(|p| !p.is_empty() && limit.measure(p) <= limit.max as usize));
                prop_assert_eq!(bare(&pieces.concat()), bare(&text));
            }
        }
    }
}
