//! In which language a message is written, among those that somebody asks for.
//!
//! Short messages are hard: an answer is only given when there is enough text and the detector is
//! sure, since a wrong language sends a customer to the wrong team and no language to the common one.

use model::bot::Language;
use whatlang::{Detector, Lang};

/// Letters that a text must have where several languages share its script.
const MIN_LETTERS: usize = 10;
/// Letters that a text must have where the script alone tells the language.
const MIN_LETTERS_BY_SCRIPT: usize = 2;
/// The detector's confidence, 0 to 1, from which it is believed against every rival …
const MIN_CONFIDENCE: f64 = 0.25;
/// … and from which it is believed among the candidates alone, where it names the same language.
const MIN_CONFIDENCE_AMONG_CANDIDATES: f64 = 0.5;

/// Widely written languages that always compete, so that a French text is not taken for the nearest of
/// the languages asked for.
const RIVALS: [Lang; 14] = [
    Lang::Eng,
    Lang::Fra,
    Lang::Spa,
    Lang::Por,
    Lang::Deu,
    Lang::Ita,
    Lang::Nld,
    Lang::Tur,
    Lang::Ind,
    Lang::Vie,
    Lang::Rus,
    Lang::Ara,
    Lang::Hin,
    Lang::Pes,
];

/// What was detected.
#[derive(Debug, Clone, PartialEq)]
pub struct Detected {
    pub language: Language,
    /// 0 to 1.
    pub confidence: f64,
}

/// The language of `text`, if it is one of `candidates` and that is beyond doubt. Linear in the text,
/// of which the first 2,000 characters are read.
#[must_use]
pub fn detect<'c>(text: &str, candidates: impl IntoIterator<Item = &'c Language>) -> Option<Detected> {
    let wanted: Vec<(Lang, &Language)> =
        candidates.into_iter().filter_map(|code| Some((lang(code.as_str())?, code))).collect();
    if wanted.is_empty() {
        return None;
    }
    let text: String = text.chars().take(2_000).collect();
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let script = whatlang::detect_script(&text)?;
    let script_tells = script.langs().len() == 1;
    if letters < if script_tells { MIN_LETTERS_BY_SCRIPT } else { MIN_LETTERS } {
        return None;
    }
    let candidates: Vec<Lang> = wanted.iter().map(|(lang, _)| *lang).collect();
    let mut all = candidates.clone();
    all.extend(RIVALS.into_iter().filter(|rival| !candidates.contains(rival)));
    let best = Detector::with_allowlist(all).detect(&text)?;
    let (_, language) = wanted.iter().find(|(lang, _)| *lang == best.lang())?;
    let mut confidence = best.confidence();
    let peers: Vec<Lang> = candidates.into_iter().filter(|lang| script.langs().contains(lang)).collect();
    if !script_tells && confidence < MIN_CONFIDENCE {
        // a sole candidate would be beyond doubt for want of another
        if peers.len() < 2 {
            return None;
        }
        let again = Detector::with_allowlist(peers).detect(&text)?;
        if again.lang() != best.lang() || again.confidence() < MIN_CONFIDENCE_AMONG_CANDIDATES {
            return None;
        }
        confidence = again.confidence();
    }
    Some(Detected { language: (*language).clone(), confidence })
}

/// The detector's language of an ISO 639-1 code (or 639-3, where it has none).
fn lang(code: &str) -> Option<Lang> {
    CODES.iter().find(|(short, _)| *short == code).map(|(_, lang)| *lang).or_else(|| Lang::from_code(code))
}

const CODES: &[(&str, Lang)] = &[
    ("eo", Lang::Epo),
    ("en", Lang::Eng),
    ("ru", Lang::Rus),
    ("zh", Lang::Cmn),
    ("es", Lang::Spa),
    ("pt", Lang::Por),
    ("it", Lang::Ita),
    ("bn", Lang::Ben),
    ("fr", Lang::Fra),
    ("de", Lang::Deu),
    ("uk", Lang::Ukr),
    ("ka", Lang::Kat),
    ("ar", Lang::Ara),
    ("hi", Lang::Hin),
    ("ja", Lang::Jpn),
    ("he", Lang::Heb),
    ("yi", Lang::Yid),
    ("pl", Lang::Pol),
    ("am", Lang::Amh),
    ("jv", Lang::Jav),
    ("ko", Lang::Kor),
    ("nb", Lang::Nob),
    ("da", Lang::Dan),
    ("sv", Lang::Swe),
    ("fi", Lang::Fin),
    ("tr", Lang::Tur),
    ("nl", Lang::Nld),
    ("hu", Lang::Hun),
    ("cs", Lang::Ces),
    ("el", Lang::Ell),
    ("bg", Lang::Bul),
    ("be", Lang::Bel),
    ("mr", Lang::Mar),
    ("kn", Lang::Kan),
    ("ro", Lang::Ron),
    ("sl", Lang::Slv),
    ("hr", Lang::Hrv),
    ("sr", Lang::Srp),
    ("mk", Lang::Mkd),
    ("lt", Lang::Lit),
    ("lv", Lang::Lav),
    ("et", Lang::Est),
    ("ta", Lang::Tam),
    ("vi", Lang::Vie),
    ("ur", Lang::Urd),
    ("th", Lang::Tha),
    ("gu", Lang::Guj),
    ("uz", Lang::Uzb),
    ("pa", Lang::Pan),
    ("az", Lang::Aze),
    ("id", Lang::Ind),
    ("te", Lang::Tel),
    ("fa", Lang::Pes),
    ("ml", Lang::Mal),
    ("or", Lang::Ori),
    ("my", Lang::Mya),
    ("ne", Lang::Nep),
    ("si", Lang::Sin),
    ("km", Lang::Khm),
    ("tk", Lang::Tuk),
    ("ak", Lang::Aka),
    ("zu", Lang::Zul),
    ("sn", Lang::Sna),
    ("af", Lang::Afr),
    ("la", Lang::Lat),
    ("sk", Lang::Slk),
    ("ca", Lang::Cat),
    ("tl", Lang::Tgl),
    ("hy", Lang::Hye),
    ("cy", Lang::Cym),
    ("no", Lang::Nob),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, candidates: &[&str]) -> Option<String> {
        let candidates: Vec<Language> = candidates.iter().map(|code| code.parse().unwrap()).collect();
        detect(text, &candidates).map(|found| found.language.as_str().to_owned())
    }

    #[test]
    fn scripts_tell() {
        assert_eq!(of("ሰላም፣ እርዳታ እፈልጋለሁ", &["en", "am"]).as_deref(), Some("am"));
        assert_eq!(of("ሰላም", &["am"]).as_deref(), Some("am"));
        assert_eq!(of("Καλημέρα σας", &["el", "en"]).as_deref(), Some("el"));
        assert_eq!(of("こんにちは、注文について", &["ja", "zh"]).as_deref(), Some("ja"));
        assert_eq!(of("hello, I need some help please", &["am"]), None);
    }

    #[test]
    fn shared_scripts_need_confidence() {
        let all = ["en", "fr", "es", "de"];
        assert_eq!(of("Hello, I would like to know where my order is", &all).as_deref(), Some("en"));
        assert_eq!(of("Bonjour, je voudrais savoir où est ma commande", &all).as_deref(), Some("fr"));
        assert_eq!(of("Hola, quisiera saber dónde está mi pedido por favor", &all).as_deref(), Some("es"));
        assert_eq!(of("Guten Tag, ich möchte wissen, wo meine Bestellung ist", &all).as_deref(), Some("de"));
        assert_eq!(
            of("Bonjour, je voudrais savoir où est ma commande", &["en", "am"]),
            None,
            "not asked for"
        );
        assert_eq!(of("Where is my order?", &["en", "am"]).as_deref(), Some("en"));
        assert_eq!(of("Halo, saya ingin tahu pesanan saya", &["en", "am"]), None);
        assert_eq!(of("ok", &all), None);
        assert_eq!(of("12345 67890 ???", &all), None);
        assert_eq!(of("", &all), None);
        assert_eq!(of("hello there my friend", &[]), None);
        assert_eq!(of("hello there my friend", &["xx"]), None);
    }

    #[test]
    fn every_code_is_known_once() {
        let mut codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
        assert!(CODES.iter().all(|(code, _)| code.parse::<Language>().is_ok()));
    }
}
