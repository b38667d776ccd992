//! Comma-separated values (RFC 4180): writing lines that spreadsheets do not run as formulas, and reading
//! records out of bytes as they come.

/// Adds one line.
pub fn line<S: AsRef<str>>(text: &mut String, cells: &[S]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        cell_into(text, cell.as_ref());
    }
    text.push_str("\r\n");
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe in front; numbers and phone numbers
/// stay as they are.
fn cell_into(text: &mut String, cell: &str) {
    let is_number = cell.len() > 1 && cell.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_formula = match cell.bytes().next() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !is_number,
        _ => false,
    };
    let guard = if is_formula { "'" } else { "" };
    if cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(guard);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(guard);
        text.push_str(cell);
    }
}

/// Bytes of one record; a longer one is an error, not a reason to use all memory.
pub const MAX_RECORD: usize = 256 * 1024;

/// Reads records from pieces of a file. The separator is the comma, semicolon or tab that the first line
/// has most of.
#[derive(Debug, Default)]
pub struct Reader {
    separator: Option<u8>,
    /// What came after the last whole record.
    rest: Vec<u8>,
    /// Of `rest`: bytes that are known to hold no end of a record.
    seen: usize,
    in_quotes: bool,
    /// Bytes of whole records so far.
    offset: u64,
    begun: bool,
}

/// A record with the offset of the byte after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub cells: Vec<String>,
    pub end: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    #[error("a line is longer than 256 KiB; is a quote missing?")]
    TooLong,
    #[error("the file ends inside a quoted cell")]
    OpenQuote,
    #[error("the file is not UTF-8 text")]
    NotText,
}

impl Reader {
    /// Goes on where an earlier reader came to.
    #[must_use]
    pub fn at(offset: u64, separator: u8) -> Self {
        Self { separator: Some(separator), offset, begun: true, ..Self::default() }
    }

    /// The separator, once it is known.
    #[must_use]
    pub fn separator(&self) -> Option<u8> {
        self.separator
    }

    /// Adds a piece and takes out the records that are whole. `last`: nothing follows.
    pub fn push(&mut self, piece: &[u8], last: bool) -> Result<Vec<Record>, CsvError> {
        self.rest.extend_from_slice(piece);
        if !self.begun && (self.rest.len() >= 3 || last) {
            self.begun = true;
            if self.rest.starts_with(b"\xef\xbb\xbf") {
                self.rest.drain(..3);
                self.offset += 3;
            }
        }
        let mut records = Vec::new();
        let mut from = 0;
        let mut at = self.seen;
        while at < self.rest.len() {
            match self.rest[at] {
                b'"' => self.in_quotes = !self.in_quotes,
                b'\n' if !self.in_quotes => {
                    records.extend(self.record(from, at, at + 1)?);
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
            if at - from > MAX_RECORD {
                return Err(CsvError::TooLong);
            }
        }
        if last && from < self.rest.len() {
            if self.in_quotes {
                return Err(CsvError::OpenQuote);
            }
            records.extend(self.record(from, at, at)?);
            from = at;
        }
        self.rest.drain(..from);
        self.seen = self.rest.len();
        Ok(records)
    }

    fn record(&mut self, from: usize, to: usize, end: usize) -> Result<Option<Record>, CsvError> {
        let mut line = &self.rest[from..to];
        if line.last() == Some(&b'\r') {
            line = &line[..line.len() - 1];
        }
        let separator = *self.separator.get_or_insert_with(|| guess(line));
        let cells = cells(line, separator);
        self.offset += (end - from) as u64;
        let cells = cells?;
        // an empty line is no record
        let is_empty = cells.iter().all(|cell| cell.trim().is_empty());
        Ok((!is_empty).then_some(Record { cells, end: self.offset }))
    }
}

fn guess(line: &[u8]) -> u8 {
    let count = |separator: u8| cells(line, separator).map_or(0, |cells| cells.len());
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn cells(line: &[u8], separator: u8) -> Result<Vec<String>, CsvError> {
    let mut cells = Vec::new();
    let mut cell = Vec::new();
    let (mut in_quotes, mut bytes) = (false, line.iter().copied().peekable());
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if in_quotes && bytes.peek() == Some(&b'"') => {
                bytes.next();
                cell.push(b'"');
            }
            b'"' => in_quotes = !in_quotes,
            _ if byte == separator && !in_quotes => cells.push(text(std::mem::take(&mut cell))?),
            _ => cell.push(byte),
        }
    }
    cells.push(text(cell)?);
    Ok(cells)
}

fn text(cell: Vec<u8>) -> Result<String, CsvError> {
    String::from_utf8(cell).map_err(|_| CsvError::NotText)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let records = Reader::default().push(text.as_bytes(), true).unwrap();
        records.into_iter().map(|record| record.cells).collect()
    }

    #[test]
    fn quotes_separators_and_ends_of_lines() {
        assert_eq!(read("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n2,"), [["a", "b"], ["1", "x, \"y\"\nz"], ["2", ""]]);
        assert_eq!(read("\u{feff}name;phone\nA;1,5"), [["name", "phone"], ["A", "1,5"]]);
        assert_eq!(Reader::default().push(b"a,\"b", true), Err(CsvError::OpenQuote));
        assert_eq!(Reader::default().push(b"a\xff\n", true), Err(CsvError::NotText));
        let long = vec![b'x'; MAX_RECORD + 2];
        assert_eq!(Reader::default().push(&long, false), Err(CsvError::TooLong));
    }

    #[test]
    fn cells_that_look_like_formulas_are_disarmed() {
        let mut text = String::new();
        line(&mut text, &["=1+1", "+251911", "-5", "@x", "+cmd|' /C", "plain", "a,b"]);
        assert_eq!(text, "'=1+1,+251911,-5,'@x,'+cmd|' /C,plain,\"a,b\"\r\n");
    }

    proptest! {
        /// However the file is cut, and wherever reading goes on, the records are the same.
        #[test]
        fn cuts_do_not_matter(rows in prop::collection::vec(prop::collection::vec("[a-z,\"\n\r é]{0,8}", 2..4), 1..12),
                              cut in 1_usize..40) {
            let mut file = String::from("h1,h2,h3\r\n");
            for row in &rows {
                line(&mut file, row);
            }
            let whole = Reader::default().push(file.as_bytes(), true).unwrap();
            let mut reader = Reader::default();
            let mut pieces = Vec::new();
            let mut chunks = file.as_bytes().chunks(cut).peekable();
            while let Some(chunk) = chunks.next() {
                pieces.extend(reader.push(chunk, chunks.peek().is_none()).unwrap());
            }
            prop_assert_eq!(&whole, &pieces);
            for record in &whole {
                let rest = &file.as_bytes()[record.end as usize..];
                let later = Reader::at(record.end, b',').push(rest, true).unwrap();
                let expected: Vec<_> = whole.iter().filter(|other| other.end > record.end).cloned().collect();
                prop_assert_eq!(later, expected);
            }
        }
    }
}
