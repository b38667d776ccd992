//! Mails that no person wrote (RFC 3834). They are shown, and nothing answers them by itself: two machines that answer
//! each other do not stop.

use mail_parser::Message;

use super::read::header;

/// Why a mail counts as automatic; `None`: a person may have written it.
pub(super) fn reason(mail: &Message<'_>, sender: &str) -> Option<&'static str> {
    let has = |name: &'static str| header(mail, name).is_some();
    let is = |name: &'static str, words: &[&str]| {
        header(mail, name).is_some_and(|value| {
            let first = value.split([';', ' ', '(']).next().unwrap_or_default().trim().to_lowercase();
            words.contains(&first.as_str())
        })
    };
    if header(mail, "Auto-Submitted").is_some_and(|value| !value.trim().to_lowercase().starts_with("no")) {
        return Some("auto_submitted");
    }
    if is("Precedence", &["bulk", "list", "junk", "auto_reply"]) {
        return Some("precedence");
    }
    if ["X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Auto-Response-Suppress"].into_iter().any(has)
    {
        return Some("auto_reply");
    }
    if has("List-Id") || has("List-Unsubscribe") {
        return Some("list");
    }
    let returns_nowhere = header(mail, "Return-Path").is_some_and(|path| path.trim() == "<>");
    if returns_nowhere || has("X-Failed-Recipients") || is_report(mail) {
        return Some("report");
    }
    let local =
        sender.split(['@', '+']).next().unwrap_or_default().to_lowercase().replace(['-', '_', '.'], "");
    let machines = ["mailerdaemon", "postmaster", "noreply", "donotreply", "bounce", "bounces", "autoreply"];
    if machines.contains(&local.as_str()) {
        return Some("no_reply");
    }
    let subject = mail.subject().unwrap_or_default().trim().to_lowercase();
    let words = [
        "out of office",
        "automatic reply",
        "auto-reply",
        "autoreply",
        "abwesenheit",
        "automatische antwort",
        "autosvar",
        "réponse automatique",
        "respuesta automática",
        "resposta automática",
        "risposta automatica",
    ];
    words.iter().any(|word| subject.starts_with(word)).then_some("subject")
}

fn is_report(mail: &Message<'_>) -> bool {
    use mail_parser::MimeHeaders;
    mail.content_type().is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("report"))
}
