//! What a file is, by its first bytes: a sender's claim is believed only where it can do no harm.

/// First bytes, where they stand, and the type that they mean.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (4, b"ftyp3gp", "video/3gpp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
];

/// The type to store: what the bytes say; else the claim, unless it claims to be something that a browser
/// shows (which the bytes would have said) or runs.
pub(super) fn mime_type(bytes: &[u8], claimed: Option<&str>) -> String {
    let claimed =
        claimed.map(|claim| claim.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let claimed = claimed.filter(|claim| !claim.is_empty());
    let found = MAGIC.iter().find(|(at, magic, _)| bytes.get(*at..*at + magic.len()) == Some(*magic));
    match (found, claimed) {
        // a container holds many kinds: office files are zips, a voice note may be video/webm by its bytes
        (Some((_, _, "application/zip")), Some(claim)) if claim.starts_with("application/") => {
            harmless(claim)
        }
        (Some((_, _, found)), Some(claim)) if is_same_container(found, &claim) => claim,
        (Some((_, _, found)), _) => (*found).to_owned(),
        (None, Some(claim)) if claim.starts_with("image/") => "application/octet-stream".to_owned(),
        (None, Some(claim)) => harmless(claim),
        (None, None) => "application/octet-stream".to_owned(),
    }
}

fn is_same_container(found: &str, claim: &str) -> bool {
    matches!(
        (found, claim),
        ("audio/ogg", "video/ogg" | "application/ogg")
            | ("video/webm", "audio/webm")
            | ("video/mp4", "audio/mp4" | "video/quicktime" | "image/avif" | "image/heic")
    )
}

fn harmless(claim: String) -> String {
    let runs = ["html", "xml", "script", "executable", "x-ms", "java", "x-sh", "x-bat", "hta"];
    if runs.iter().any(|word| claim.contains(word)) && !claim.contains("openxmlformats") {
        return "application/octet-stream".to_owned();
    }
    claim
}

/// How a file of that type is called when nobody named it; with its dot.
pub(super) fn extension(mime_type: &str) -> &'static str {
    match mime_type {
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "application/pdf" => ".pdf",
        "audio/ogg" => ".ogg",
        "audio/mpeg" => ".mp3",
        "audio/mp4" => ".m4a",
        "audio/wav" => ".wav",
        "audio/amr" => ".amr",
        "video/mp4" => ".mp4",
        "video/webm" => ".webm",
        "video/3gpp" => ".3gp",
        "video/quicktime" => ".mov",
        "text/plain" => ".txt",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_win_over_claims() {
        assert_eq!(mime_type(b"\x89PNG\r\n\x1a\n....", Some("text/html")), "image/png");
        assert_eq!(mime_type(b"<html><script>", Some("image/png")), "application/octet-stream");
        assert_eq!(mime_type(b"<html>", Some("text/html; charset=utf-8")), "application/octet-stream");
        assert_eq!(mime_type(b"<svg", Some("image/svg+xml")), "application/octet-stream");
        assert_eq!(mime_type(b"OggS....", Some("audio/ogg; codecs=opus")), "audio/ogg");
        assert_eq!(mime_type(b"hello", Some("text/plain")), "text/plain");
        assert_eq!(mime_type(b"", None), "application/octet-stream");
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(mime_type(b"PK\x03\x04....", Some(sheet)), sheet);
        assert_eq!(mime_type(b"\x1a\x45\xdf\xa3", Some("audio/webm")), "audio/webm");
    }
}
