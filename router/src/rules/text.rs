//! Finding a keyword in a message the way a reader would.
//!
//! Unless a rule is case sensitive, both sides are folded first: compatibility forms (NFKC), case, and
//! the diacritics of the alphabets that have them as accents, so that `Éxpress` is found by `express`
//! and `ＯＫ` by `ok`. Vowel signs that are letters in their own right (Devanagari, Ethiopic, Thai …)
//! stay.

use std::cell::OnceCell;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A keyword, folded once.
#[derive(Debug, Clone)]
pub struct Needle {
    text: String,
    case_sensitive: bool,
    whole_word: bool,
}

impl Needle {
    #[must_use]
    pub fn new(keyword: &str, case_sensitive: bool, whole_word: bool) -> Self {
        let text = if case_sensitive { plain(keyword) } else { fold(keyword) };
        Self { text: text.trim().to_owned(), case_sensitive, whole_word }
    }
}

/// A text in which keywords are looked for; it is folded at the first keyword that needs it.
pub struct Subject<'t> {
    text: &'t str,
    folded: OnceCell<Prepared>,
    plain: OnceCell<Prepared>,
}

struct Prepared {
    text: String,
    /// Byte offsets of the word boundaries, ascending, with both ends.
    boundaries: OnceCell<Vec<usize>>,
}

impl<'t> Subject<'t> {
    #[must_use]
    pub const fn new(text: &'t str) -> Self {
        Self { text, folded: OnceCell::new(), plain: OnceCell::new() }
    }

    /// Whether the keyword occurs. One of which nothing is left after folding never does.
    #[must_use]
    pub fn contains(&self, needle: &Needle) -> bool {
        if needle.text.is_empty() {
            return false;
        }
        let prepared = if needle.case_sensitive {
            self.plain.get_or_init(|| Prepared::new(plain(self.text)))
        } else {
            self.folded.get_or_init(|| Prepared::new(fold(self.text)))
        };
        if needle.whole_word { prepared.has_word(&needle.text) } else { prepared.text.contains(&needle.text) }
    }
}

impl Prepared {
    const fn new(text: String) -> Self {
        Self { text, boundaries: OnceCell::new() }
    }

    fn has_word(&self, word: &str) -> bool {
        let boundaries = self.boundaries.get_or_init(|| {
            let starts = self.text.split_word_bound_indices().map(|(start, _)| start);
            starts.chain(std::iter::once(self.text.len())).collect()
        });
        // a word can only begin at a boundary, so that overlapping occurrences are all seen
        boundaries.iter().any(|start| {
            self.text[*start..].starts_with(word) && boundaries.binary_search(&(start + word.len())).is_ok()
        })
    }
}

/// Compatibility forms unified and white space simplified, letters kept as they are.
fn plain(text: &str) -> String {
    simplify_space(text.nfkc())
}

/// The text as it is compared when case and diacritics do not count.
#[must_use]
pub fn fold(text: &str) -> String {
    // upper case first: it writes out what lower case alone leaves apart (ß and ss, ς and σ)
    let cased = text.nfkd().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let bare = cased.nfkd().filter(|letter| !is_accent(*letter)).flat_map(base_letters);
    simplify_space(bare.nfc())
}

/// Marks that are accents: of Latin, Greek and Cyrillic, the Arabic vowel signs, the Hebrew points.
const fn is_accent(mark: char) -> bool {
    matches!(mark,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5BD}' | '\u{5BF}'
        | '\u{5C1}'..='\u{5C2}' | '\u{5C4}'..='\u{5C5}' | '\u{5C7}' | '\u{640}' | '\u{64B}'..='\u{65F}'
        | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

/// Latin letters with a stroke or joined, which have no decomposition.
fn base_letters(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        'ı' => ('i', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        '\u{2019}' => ('\'', None), // the apostrophe that phones write
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

/// Runs of white space become one blank; invisible break hints go.
fn simplify_space(letters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for letter in letters {
        if letter.is_whitespace() {
            if !text.ends_with(' ') {
                text.push(' ');
            }
        } else if !matches!(letter, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}') {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str, keyword: &str, case_sensitive: bool, whole_word: bool) -> bool {
        Subject::new(text).contains(&Needle::new(keyword, case_sensitive, whole_word))
    }

    #[test]
    fn folding_reads_like_a_reader() {
        for (text, keyword) in [
            ("I want a REFUND", "refund"),
            ("Préciosa ÉXPRESS", "express"),
            ("große Straße", "STRASSE"),
            ("GROSSE STRASSE", "straße"),
            ("ΟΔΟΣ", "οδός"),
            ("ＨＥＬＬＯ", "hello"),
            ("İSTANBUL", "istanbul"),
            ("ısı", "ISI"),
            ("e\u{301}te\u{301}", "été"),
            ("smørrebrød", "smorrebrod"),
            ("مُحَمَّد", "محمد"),
            ("ሰላም ነው", "ሰላም"),
            ("talk   to\n an agent", "to an agent"),
            ("I don’t know", "don't"),
        ] {
            assert!(found(text, keyword, false, false), "{keyword:?} in {text:?}");
        }
        assert!(!found("Refund", "refund", true, false));
        assert!(found("ｒefund", "refund", true, false), "compatibility forms are unified in any case");
        assert!(!found("कि", "क", false, true), "a vowel sign is no accent");
    }

    #[test]
    fn whole_words() {
        assert!(found("please, cancel!", "cancel", false, true));
        assert!(!found("cancellation", "cancel", false, true));
        assert!(found("cancellation", "cancel", false, false));
        assert!(!found("can't", "can", false, true));
        assert!(found("aa a a", "a a", false, true), "after an overlapping part of a word");
        assert!(found("I need a new order now", "new order", false, true));
        assert!(!found("renew order", "new order", false, true));
        assert!(found("order", "order", false, true));
    }

    #[test]
    fn nothing_is_never_found() {
        for keyword in ["", "  ", "\u{301}", "\u{200B}"] {
            assert!(!found("anything", keyword, false, false), "{keyword:?}");
            assert!(!found("", keyword, false, true), "{keyword:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_text_contains_its_own_parts(text in "[a-zA-Zéß ]{1,30}", from in 0usize..30, length in 1usize..10) {
            let letters: Vec<char> = text.chars().collect();
            let part: String = letters.iter().skip(from % letters.len()).take(length).collect();
            prop_assert!(part.trim().is_empty() || found(&text, &part, false, false));
            prop_assert!(part.trim().is_empty() || found(&text, &part, true, false));
        }

        #[test]
        fn a_whole_word_is_also_a_part(text in "\\PC{0,30}", keyword in "\\PC{1,4}") {
            prop_assert!(!found(&text, &keyword, false, true) || found(&text, &keyword, false, false));
        }

        #[test]
        fn each_word_is_found_whole(words in prop::collection::vec("[a-z]{1,8}", 1..6), pick in 0usize..6) {
            let word = &words[pick % words.len()];
            prop_assert!(found(&words.join(" "), &word.to_uppercase(), false, true));
        }
    }
}
