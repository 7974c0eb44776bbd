//! Server-sent events, as the WHATWG HTML standard reads them (section 9.2.6, "Interpreting an event stream").

/// One event, in the stream's own bytes: who reads them decodes them, and no character is ever cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentEvent {
    /// Its `event` field; empty where there was none.
    pub name: Vec<u8>,
    /// Its `data` fields, joined by line feeds.
    pub data: Vec<u8>,
}

/// No event of the API is as long: an execution's JSON takes kilobytes.
const LONGEST: usize = 8 << 20;

/// Reads a stream that comes in pieces.
#[derive(Debug, Default)]
pub struct Parser {
    /// The bytes of a line that is not over yet.
    line: Vec<u8>,
    event: SentEvent,
    has_data: bool,
    /// The last byte was a carriage return: a line feed after it belongs to the same line end.
    after_return: bool,
    /// The first line may begin with a byte order mark.
    began: bool,
}

/// The stream is longer than any event may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Parser {
    /// Takes the next bytes, and adds the events that they complete. What the end of the stream cuts off is no event.
    ///
    /// # Errors
    ///
    /// Where an event is longer than 8 MB.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<SentEvent>) -> Result<(), TooLong> {
        for &byte in bytes {
            let second = self.after_return && byte == b'\n';
            self.after_return = byte == b'\r';
            if second {
                continue;
            }
            if byte == b'\r' || byte == b'\n' {
                self.end_line(events);
            } else if self.line.len().saturating_add(self.event.data.len()) >= LONGEST {
                return Err(TooLong);
            } else {
                self.line.push(byte);
            }
        }
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<SentEvent>) {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.began, true) {
            if let [0xef, 0xbb, 0xbf, rest @ ..] = line {
                line = rest;
            }
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                events.push(event);
            }
            return;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let mut value = line.get(colon.saturating_add(1)..).unwrap_or_default();
        if let [b' ', rest @ ..] = value {
            value = rest;
        }
        match line.get(..colon) {
            Some(b"event") => self.event.name = value.to_vec(),
            Some(b"data") => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
            }
            // A comment (its field is empty), `id` and `retry`, which the API does not use, and what is to come.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for piece in pieces {
            assert_eq!(parser.feed(piece, &mut events), Ok(()));
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        events.into_iter().map(|event| (text(event.name), text(event.data))).collect()
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
        let results: Vec<bool> = (0..9).map(|_| parser.feed(&piece, &mut Vec::new()).is_ok()).collect();
        assert_eq!(results, [true, true, true, true, true, true, true, true, false]);
    }
}
