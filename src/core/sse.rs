//! Server-sent events, as the WHATWG HTML standard reads them (section 9.2.6, "Interpreting an event stream").

/// No event of the API is as long: an execution's JSON takes kilobytes.
const LONGEST: usize = 8 << 20;

/// Reads a stream that comes in pieces. What the end of the stream cuts off is no event.
#[derive(Debug, Default)]
pub struct Parser {
    /// The piece that is read, and how far.
    piece: Vec<u8>,
    at: usize,
    /// The bytes of a line that is not over yet.
    line: Vec<u8>,
    /// The event that is read, or that was read last, in the stream's own bytes: who reads them decodes them, and no character is
    /// ever cut.
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// It was read to its end.
    is_over: bool,
    /// The last byte was a carriage return: a line feed after it belongs to the same line end.
    after_return: bool,
    /// The first line may begin with a byte order mark.
    began: bool,
}

/// What comes next in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Another event, which the parser holds until it reads on.
    Event,
    /// Nothing before there is another piece.
    Nothing,
    /// More than any event may be: 8 MB.
    TooLong,
}

impl Parser {
    /// Takes the next piece, after the one before was read.
    pub fn feed(&mut self, piece: Vec<u8>) {
        self.piece = piece;
        self.at = 0;
    }

    /// The event's `event` field; empty where there was none.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Its `data` fields, joined by line feeds.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Reads on, to the end of the next event at most.
    pub fn read(&mut self) -> Read {
        if std::mem::take(&mut self.is_over) {
            self.begin();
        }
        loop {
            let mut rest = self.piece.get(self.at..).unwrap_or_default();
            if let ([b'\n', behind @ ..], true) = (rest, self.after_return) {
                rest = behind;
                self.after_return = false;
                self.at = self.at.saturating_add(1);
            }
            let length = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r').unwrap_or(rest.len());
            if self.line.len().saturating_add(self.data.len()).saturating_add(length) > LONGEST {
                return Read::TooLong;
            }
            self.line.extend_from_slice(rest.get(..length).unwrap_or_default());
            self.at = self.at.saturating_add(length).saturating_add(1);
            let Some(end) = rest.get(length) else {
                self.after_return &= rest.is_empty();
                return Read::Nothing;
            };
            self.after_return = *end == b'\r';
            if self.end_line() {
                return Read::Event;
            }
        }
    }

    fn begin(&mut self) {
        self.name.clear();
        self.data.clear();
        self.has_data = false;
    }

    /// Whether it ended an event.
    fn end_line(&mut self) -> bool {
        let mut line = self.line.as_slice();
        if !self.began {
            self.began = true;
            if let [0xef, 0xbb, 0xbf, rest @ ..] = line {
                line = rest;
            }
        }
        if line.is_empty() {
            self.is_over = self.has_data;
            if !self.has_data {
                self.begin();
            }
        } else {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let mut value = line.get(colon.saturating_add(1)..).unwrap_or_default();
            if let [b' ', rest @ ..] = value {
                value = rest;
            }
            match line.get(..colon) {
                Some(b"event") => {
                    self.name.clear();
                    self.name.extend_from_slice(value);
                }
                Some(b"data") => {
                    if self.has_data {
                        self.data.extend_from_slice(b"\n");
                    }
                    self.has_data = true;
                    self.data.extend_from_slice(value);
                }
                // A comment (its field is empty), `id` and `retry`, which the API does not use, and what is to come.
                _ => {}
            }
        }
        self.line.clear();
        self.is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for piece in pieces {
            parser.feed(piece.to_vec());
            while parser.read() == Read::Event {
                events.push((text(parser.name()), text(parser.data())));
            }
            assert_eq!(parser.read(), Read::Nothing);
        }
        events
    }

    fn one(name: &str, data: &str) -> Vec<(String, String)> {
        vec![(name.into(), data.into())]
    }

    #[test]
    fn every_line_end_and_every_cut_gives_the_same_events() {
        let expected = vec![("progress".to_owned(), "{\"a\":\"é€😀\"}".to_owned()), (String::new(), "1\n2".to_owned())];
        for end in ["\n", "\r", "\r\n"] {
            let text =
                ["\u{feff}event: progress", "data: {\"a\":\"é€😀\"}", "", ": a comment", "data: 1", "data:2", "", ""]
                    .join(end);
            for cut in 0..=text.len() {
                let (one, two) = text.as_bytes().split_at(cut);
                assert_eq!(events(&[one, two]), expected, "{end:?} {cut}");
            }
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(events(&bytes), expected, "{end:?}");
        }
    }

    #[test]
    fn line_ends_of_all_kinds_may_be_mixed_and_cut() {
        let text = b"data: 1\r\n\ndata: 2\n\r\ndata: 3\r\rdata: 4\n\r\r\n\n";
        let expected: Vec<_> = ["1", "2", "3", "4"].map(|data| (String::new(), data.to_owned())).into();
        for size in 1..text.len() {
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(events(&pieces), expected, "{size}");
        }
    }

    #[test]
    fn what_the_end_cuts_off_is_no_event() {
        assert_eq!(events(&[b"event: complete\ndata: {}\n"]), []);
        assert_eq!(events(&[b"data: 1\n\ndata: 2"]), one("", "1"));
    }

    #[test]
    fn events_without_data_are_none_and_their_name_is_forgotten() {
        assert_eq!(events(&[b"event: ping\n\ndata: 1\n\n"]), one("", "1"));
        assert_eq!(events(&[b"data\n\n"]), one("", ""));
        assert_eq!(events(&[b"data:\n\n"]), one("", ""));
        assert_eq!(events(&[b"data:  two\n\n"]), one("", " two"));
        assert_eq!(events(&[b"data: a:b: c\n\n"]), one("", "a:b: c"));
    }

    #[test]
    fn unknown_fields_and_a_mark_in_the_middle_change_nothing() {
        assert_eq!(events(&[b"id: 7\nretry: 10\nfoo: x\nevent: a\nevent: b\ndata: 1\n\n"]), one("b", "1"));
        assert_eq!(events(&["data: 1\n\u{feff}data: 2\n\n".as_bytes()]), one("", "1"));
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; 1 << 20];
        for turn in 0..9 {
            parser.feed(piece.clone());
            assert_eq!(parser.read(), if turn < 8 { Read::Nothing } else { Read::TooLong });
        }
    }
}
