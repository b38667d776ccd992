//! The words with which customers stop, start and ask, in the languages in which they are written to.

use serde_json::Value;

/// What a customer wants of the channel itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    Help,
}

/// English, Amharic, Afaan Oromo, Tigrinya, Swahili, French, Spanish, Portuguese, German, Arabic. As
/// [`normal`] writes them.
const STOP: &[&str] = &[
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
    "remove",
    "አቁም",
    "አቁሙ",
    "ይቁም",
    "አቋርጥ",
    "ሰርዝ",
    "dhaabi",
    "ጠጠው",
    "simama",
    "acha",
    "sitisha",
    "arret",
    "arrêt",
    "arreter",
    "arrêter",
    "desabonner",
    "désabonner",
    "baja",
    "alto",
    "cancelar",
    "parar",
    "sair",
    "stopp",
    "abmelden",
    "توقف",
    "إلغاء",
    "الغاء",
    "ايقاف",
    "إيقاف",
];
const START: &[&str] = &[
    "start",
    "unstop",
    "subscribe",
    "optin",
    "opt in",
    "opt-in",
    "resume",
    "ጀምር",
    "ጀምሩ",
    "ቀጥል",
    "jalqabi",
    "ጀምሮ",
    "anza",
    "commencer",
    "reprendre",
    "alta",
    "iniciar",
    "comecar",
    "começar",
    "anmelden",
    "ابدأ",
    "ابدا",
    "اشتراك",
];
const HELP: &[&str] = &[
    "help",
    "info",
    "እርዳታ",
    "እገዛ",
    "መረጃ",
    "gargaarsa",
    "ሓገዝ",
    "msaada",
    "aide",
    "ayuda",
    "ajuda",
    "hilfe",
    "مساعدة",
];

impl Keyword {
    /// What a whole message says; `None`: it is an ordinary message. The channel's settings add words.
    #[must_use]
    pub fn of(text: &str, settings: &Value) -> Option<Self> {
        // no keyword is longer, and customers' letters need not be copied
        if text.len() > 120 {
            return None;
        }
        let said = normal(text);
        if said.is_empty() {
            return None;
        }
        [Self::Stop, Self::Start, Self::Help].into_iter().find(|keyword| {
            let (usual, field) = keyword.words();
            let own = settings[field].as_str().unwrap_or_default();
            usual.contains(&said.as_str()) || own.split(',').any(|word| normal(word) == said)
        })
    }

    const fn words(self) -> (&'static [&'static str], &'static str) {
        match self {
            Self::Stop => (STOP, "stop_words"),
            Self::Start => (START, "start_words"),
            Self::Help => (HELP, "help_words"),
        }
    }

    /// What the channel answers to it; `None`: nothing.
    #[must_use]
    pub fn answer(self, settings: &Value) -> Option<&str> {
        let field = match self {
            Self::Stop => "stop_answer",
            Self::Start => "start_answer",
            Self::Help => "help_answer",
        };
        settings[field].as_str().filter(|text| !text.trim().is_empty())
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Help => "help",
        }
    }
}

/// Small letters, single spaces, nothing but letters and digits at the ends.
fn normal(text: &str) -> String {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    spaced.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_messages_in_any_dress() {
        let none = json!({});
        for text in ["STOP", " stop ", "\"Stop!\"", "Stop.", "stop 🛑", "STOP\n ALL", "አቁም።", "Arrêt", "توقف"]
        {
            assert_eq!(Keyword::of(text, &none), Some(Keyword::Stop), "{text}");
        }
        assert_eq!(Keyword::of("ጀምር", &none), Some(Keyword::Start));
        assert_eq!(Keyword::of("Help?", &none), Some(Keyword::Help));
        assert_eq!(Keyword::of("እርዳታ", &none), Some(Keyword::Help));
        for text in
            ["please stop by tomorrow", "when does it start", "", "!!", "endless", &"stop ".repeat(90)]
        {
            assert_eq!(Keyword::of(text, &none), None, "{text}");
        }
    }

    #[test]
    fn the_channel_adds_words_and_answers() {
        let settings =
            json!({"stop_words": "genug, Schluss jetzt", "stop_answer": "You get no more messages."});
        assert_eq!(Keyword::of("schluss  JETZT!", &settings), Some(Keyword::Stop));
        assert_eq!(Keyword::Stop.answer(&settings), Some("You get no more messages."));
        assert_eq!(Keyword::Help.answer(&settings), None);
    }

    #[test]
    fn every_word_is_written_as_it_is_compared() {
        for word in STOP.iter().chain(START).chain(HELP) {
            assert_eq!(normal(word), *word);
        }
    }
}
