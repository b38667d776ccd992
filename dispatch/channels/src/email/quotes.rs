//! What a customer wrote, without the mails that their program quotes below it.
//!
//! Careful by design: what is cut is kept elsewhere, and nothing is cut where nothing would be left.

/// The line that introduces a quoted mail, by language: how it begins, and its verb. It ends with a colon.
const ATTRIBUTIONS: [(&str, &str); 16] = [
    ("on ", "wrote"),
    ("am ", "schrieb"),
    ("le ", "écrit"),
    ("el ", "escribi"),
    ("em ", "escreveu"),
    ("il ", "scritto"),
    ("op ", "schreef"),
    ("op ", "geschreven"),
    ("den ", "skrev"),
    ("w dniu ", "pisze"),
    ("w dniu ", "napisa"),
    ("dne ", "napsal"),
    ("mnamo ", "andika"),
    ("tarehe ", "andika"),
    ("", "tarihinde"),
    ("", "ጻፈ"),
];

/// Lines that separate an answer from what it answers.
const SEPARATORS: [&str; 9] = [
    "original message",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "mensagem original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "forwarded message",
    "weitergeleitete nachricht",
];

/// Names of the header lines that Outlook writes above a quoted mail.
const HEADERS: [&str; 6] = ["from:", "von:", "de:", "da:", "van:", "od:"];
const NEXT_HEADERS: [&str; 12] = [
    "sent:",
    "date:",
    "to:",
    "gesendet:",
    "datum:",
    "an:",
    "envoyé :",
    "enviado:",
    "fecha:",
    "inviato:",
    "verzonden:",
    "wysłano:",
];

/// The answer alone; `None`: nothing was quoted.
pub(super) fn strip(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let end = (0..lines.len()).find(|at| begins_quote(&lines, *at)).unwrap_or(lines.len());
    let mut kept: Vec<&str> = lines[..end].to_vec();
    // a block of quoted lines at the end, where no line introduces it
    while kept.last().is_some_and(|line| line.trim().is_empty() || line.starts_with('>')) {
        kept.pop();
    }
    let answer = kept.join("\n").trim().to_owned();
    let whole = text.trim();
    (!answer.is_empty() && answer.len() < whole.len()).then_some(answer)
}

/// Whether from this line on everything is quoted.
fn begins_quote(lines: &[&str], at: usize) -> bool {
    let line = lines[at].trim();
    if line.is_empty() || line.starts_with('>') {
        return false;
    }
    is_separator(line) || is_headers(lines, at) || is_attribution(lines, at)
}

fn is_separator(line: &str) -> bool {
    let dashes = line.len() - line.trim_matches(['-', '_', '=', ' ']).len();
    if line.chars().all(|c| c == '_') {
        // Outlook's rule
        return line.len() >= 20;
    }
    let bare = line.trim_matches(['-', '_', '=', ' ']).to_lowercase();
    dashes >= 4 && SEPARATORS.contains(&bare.as_str())
}

/// "From: … Sent: …" at the beginning of two lines that follow each other.
fn is_headers(lines: &[&str], at: usize) -> bool {
    let lower = |line: &str| line.trim().trim_matches('*').to_lowercase();
    let starts = |line: &str, names: &[&str]| names.iter().any(|name| lower(line).starts_with(name));
    starts(lines[at], &HEADERS)
        && lines[at].contains('@')
        && lines.iter().skip(at + 1).take(2).any(|next| starts(next, &NEXT_HEADERS))
}

/// "On … wrote:", perhaps over three lines, with a quotation after it, or with a date and an address in it.
fn is_attribution(lines: &[&str], at: usize) -> bool {
    let first = lines[at].trim().to_lowercase();
    let mut joined = String::new();
    for (n, line) in lines[at..].iter().take(3).enumerate() {
        joined.push_str(&line.trim().to_lowercase());
        // where no word begins it, it is one line: the answer itself may stand above it
        let says = |(start, verb): &(&str, &str)| {
            first.starts_with(start) && joined.contains(verb) && (n == 0 || !start.is_empty())
        };
        if joined.ends_with(':') && ATTRIBUTIONS.iter().any(says) {
            let dated = joined.contains('@') && joined.chars().any(|c| c.is_ascii_digit());
            return dated || quotes_follow(lines, at + n + 1);
        }
        joined.push(' ');
    }
    false
}

fn quotes_follow(lines: &[&str], from: usize) -> bool {
    lines.iter().skip(from).find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_without_what_they_answer() {
        let table = [
            ("Top answer\n\n-----Original Message-----\nFrom: s@shop.example\n\nold", Some("Top answer")),
            ("Danke!\n\nAm 02.11.2026 um 10:00 schrieb Support <s@shop.example>:\n> Hallo", Some("Danke!")),
            (
                "Merci\n\nLe lun. 2 nov. 2026 à 10:00, Support <s@shop.example> a écrit :\n> Bonjour",
                Some("Merci"),
            ),
            ("Dzięki!\n\nW dniu 2.11.2026 o 10:00, Support pisze:\n> Hej", Some("Dzięki!")),
            (
                "Reply\n\nOn Mon, Nov 2, 2026 at 10:00 AM Support <\nsupport@shop.example> wrote:\n> Hello",
                Some("Reply"),
            ),
            ("Sawa\n\nMnamo 2 Nov 2026, Support <s@shop.example> aliandika:\n> Habari", Some("Sawa")),
            ("Tamam\n\nSupport, 2 Kas 2026 tarihinde şunu yazdı:\n> Merhaba", Some("Tamam")),
            ("Ok\n\nFrom: Support <s@shop.example>\nSent: Monday\nTo: Ada\nSubject: x\n\nold", Some("Ok")),
            ("Ok\n\n________________________________\nVon: Support\nold", Some("Ok")),
            ("Yes\n\n> Do you?\n> Really?\n", Some("Yes")),
            // answers between the questions stay with them
            ("Inline:\n> Q1?\nA1\n> Q2?\nA2", None),
            ("On Monday I wrote:\nbuy milk", None),
            ("Am Montag:\nalles gut", None),
            ("From: here to there\nit is far", None),
            ("Hello\n\n-- \nAda\nSales", None),
            ("just text", None),
            // nothing but a quotation is shown as it is
            ("> only a quotation", None),
            ("On Mon, Nov 2, 2026 Support wrote:\n> hi", None),
        ];
        for (text, expected) in table {
            assert_eq!(strip(text).as_deref(), expected, "{text}");
        }
    }
}
