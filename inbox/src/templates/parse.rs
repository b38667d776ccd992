//! Reading a template.

use super::{
    Content, MAX_PLACEHOLDERS, MAX_TEMPLATE_CHARS, Part, Slot, Template, TemplateError,
    filter::{Argument, Filter},
    values::Name,
};

/// Filters of one placeholder.
const MAX_FILTERS: usize = 8;

/// A complaint at a byte offset, before it becomes a place.
type Complaint = (usize, String);

pub(super) fn parse(text: &str) -> Result<Template, TemplateError> {
    if let Some((offset, _)) = text.char_indices().nth(MAX_TEMPLATE_CHARS) {
        return Err(place(text, (offset, format!("a template has at most {MAX_TEMPLATE_CHARS} characters"))));
    }
    Reader { text, at: 0 }.template().map_err(|complaint| place(text, complaint))
}

fn place(text: &str, (offset, message): Complaint) -> TemplateError {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    TemplateError {
        position: before.chars().count(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}

struct Reader<'t> {
    text: &'t str,
    /// A byte offset, always between characters.
    at: usize,
}

impl<'t> Reader<'t> {
    fn template(mut self) -> Result<Template, Complaint> {
        let mut template = Template { parts: Vec::new(), names: Vec::new() };
        let (mut text_from, mut slots) = (0, 0);
        while let Some(offset) = self.rest().find(['{', '\0']) {
            self.at += offset;
            let start = self.at;
            let (content, filters) = if self.rest().starts_with('\0') {
                return Err((start, "a NUL character cannot be sent".into()));
            } else if self.rest().starts_with("{{") {
                self.at += 2;
                self.expression(start)?
            } else if self.rest().starts_with("{%") {
                return Err((start, "tags ({% … %}) are not supported".into()));
            } else if let Some(name) = upper_name(self.rest()) {
                self.at += name.len() + 2;
                (Operand::Variable(name), Vec::new())
            } else {
                self.at += 1;
                continue;
            };
            slots += 1;
            if slots > MAX_PLACEHOLDERS {
                return Err((start, format!("a template has at most {MAX_PLACEHOLDERS} placeholders")));
            }
            if text_from < start {
                template.parts.push(Part::Text(self.text[text_from..start].to_owned()));
            }
            text_from = self.at;
            let content = match content {
                Operand::Literal(text) => Content::Literal(text),
                Operand::Variable(name) => Content::Variable(index_of(&mut template.names, Name::new(name))),
            };
            let raw = self.text[start..self.at].to_owned();
            template.parts.push(Part::Slot(Slot { raw, content, filters }));
        }
        if text_from < self.text.len() {
            template.parts.push(Part::Text(self.text[text_from..].to_owned()));
        }
        Ok(template)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes `token`, if it comes next after white space.
    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    /// What stands between the double braces; the opening ones, at `start`, have been read.
    fn expression(&mut self, start: usize) -> Result<(Operand<'t>, Vec<Filter>), Complaint> {
        self.skip_space();
        let operand = match self.argument()? {
            Some(Argument::Text(text)) => Operand::Literal(text),
            _ => Operand::Variable(self.path(start)?),
        };
        let mut filters = Vec::new();
        loop {
            if self.take("}}") {
                return Ok((operand, filters));
            }
            self.expect_open(start)?;
            if filters.len() == MAX_FILTERS {
                return Err((self.at, format!("a placeholder has at most {MAX_FILTERS} filters")));
            }
            if self.take("||") {
                self.skip_space();
                match self.argument()? {
                    Some(Argument::Text(text)) => filters.push(Filter::Default(text)),
                    _ => return Err((self.at, "a text in quotes must follow ||".into())),
                }
            } else if self.take("|") {
                filters.push(self.filter(start)?);
            } else {
                return Err((self.at, "expected | or }}".into()));
            }
        }
    }

    fn filter(&mut self, start: usize) -> Result<Filter, Complaint> {
        self.skip_space();
        let name_at = self.at;
        let name = self.word();
        if name.is_empty() {
            self.expect_open(start)?;
            return Err((self.at, "expected the name of a filter".into()));
        }
        let mut arguments = Vec::new();
        if self.take(":") {
            loop {
                self.skip_space();
                self.expect_open(start)?;
                let argument = match self.argument()? {
                    Some(argument) => argument,
                    None => self.number()?,
                };
                arguments.push(argument);
                if !self.take(",") {
                    break;
                }
            }
        }
        Filter::new(name, arguments).map_err(|message| (name_at, message))
    }

    /// A text in quotes, if one comes next.
    fn argument(&mut self) -> Result<Option<Argument>, Complaint> {
        let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '"' | '\'' | '“' | '‘'))
        else {
            return Ok(None);
        };
        // word processors turn quotes into curly ones
        let close = match quote {
            '“' => '”',
            '‘' => '’',
            straight => straight,
        };
        let open_at = self.at;
        self.at += quote.len_utf8();
        let Some(length) = self.rest().find(close) else {
            return Err((open_at, format!("the text is not closed with {close}")));
        };
        let text = self.rest()[..length].to_owned();
        self.at += length + close.len_utf8();
        Ok(Some(Argument::Text(text)))
    }

    fn number(&mut self) -> Result<Argument, Complaint> {
        let at = self.at;
        let digits = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = self.rest()[..digits].parse().ok().filter(|number| *number <= MAX_TEMPLATE_CHARS);
        self.at += digits;
        number
            .map(Argument::Number)
            .ok_or((at, format!("expected a text in quotes or a number up to {MAX_TEMPLATE_CHARS}")))
    }

    /// `contact.first_name`.
    fn path(&mut self, start: usize) -> Result<&'t str, Complaint> {
        let from = self.at;
        loop {
            if self.word().is_empty() {
                self.expect_open(start)?;
                return Err((self.at, "expected the name of a variable".into()));
            }
            if !self.rest().starts_with('.') {
                return Ok(&self.text[from..self.at]);
            }
            self.at += 1;
        }
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// At the end of the text the complaint is about the braces that were never closed.
    fn expect_open(&self, start: usize) -> Result<(), Complaint> {
        if self.rest().trim_start().is_empty() {
            Err((start, "{{ is not closed with }}".into()))
        } else {
            Ok(())
        }
    }
}

enum Operand<'t> {
    Variable(&'t str),
    Literal(String),
}

/// The name in `{NAME}` at the beginning of `rest`: upper-case letters, digits and underscores, the
/// first of them no digit.
fn upper_name(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix('{')?;
    let name = &inner[..inner.find('}')?];
    let upper = |c: u8| c.is_ascii_uppercase() || c == b'_';
    (upper(*name.as_bytes().first()?) && name.bytes().all(|c| upper(c) || c.is_ascii_digit())).then_some(name)
}

/// The index of a name among those there are, added if it is new.
fn index_of(names: &mut Vec<Name>, name: Name) -> usize {
    names.iter().position(|known| known.is(&name)).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}
